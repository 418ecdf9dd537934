/** Says on stderr what goes on, when it takes longer than two seconds: one line that changes on a terminal, few lines elsewhere. */

/** Nobody wants to hear of what is over at once. */
const PATIENCE = 2_000;
const ON_A_TERMINAL = 200;
const ELSEWHERE = 10_000;

export interface Progress extends Disposable {
  /** What is being done from now on. */
  stage(name: string): void;
  /** How far that is. */
  at(done: number, total: number): void;
}

/** `say` false: says nothing. */
export function showProgress(stream: NodeJS.WriteStream, say: boolean): Progress {
  const start = performance.now();
  let stage = '';
  let done: readonly [number, number] | null = null;
  const show = () => {
    const passed = performance.now() - start;
    if (!say || passed < PATIENCE) return;
    const line = `${Math.round(passed / 1000)} s: ${stage}${done === null ? '' : `, ${done[0]} of ${done[1]}`}`;
    // A line that wraps could not be taken back.
    stream.write(stream.isTTY ? `\r\x1b[K${line.slice(0, (stream.columns || 80) - 1)}` : `${line}\n`);
  };
  const timer = setInterval(show, stream.isTTY ? ON_A_TERMINAL : ELSEWHERE);
  timer.unref();
  return {
    stage: (name) => {
      stage = name;
      done = null;
      show();
    },
    at: (count, total) => {
      done = [count, total];
    },
    [Symbol.dispose]: () => {
      clearInterval(timer);
      if (stream.isTTY && say) stream.write('\r\x1b[K');
    },
  };
}
