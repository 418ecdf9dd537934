/** How long the rest will take, by the pace of the last results. */

/** So many results tell the pace; fewer than `FEWEST` tell nothing. */
const LAST = 60;
const FEWEST = 6;

export interface Pace {
  /** One more result is known, which was not known before. */
  result(): void;
  /** `about 2 min left`; '' while nobody can tell. */
  left(remaining: number): string;
}

/** @param now milliseconds of a clock that only goes forward */
export function paceOfResults(now: () => number = () => performance.now()): Pace {
  const times: number[] = [];
  return {
    result: () => {
      times.push(now());
      if (times.length > LAST) times.shift();
    },
    left: (remaining) => {
      const [first, last] = [times[0], times.at(-1)];
      if (times.length < FEWEST || first === undefined || last === undefined || remaining === 0) return '';
      const seconds = Math.ceil((remaining * (last - first)) / (times.length - 1) / 1000);
      return seconds <= 90 ? `about ${seconds} s left` : `about ${Math.ceil(seconds / 60)} min left`;
    },
  };
}
