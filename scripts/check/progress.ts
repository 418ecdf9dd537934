/** Says on stderr what goes on, when it takes longer than two seconds: one line that changes on a terminal, few lines elsewhere. */

/** Nobody wants to hear of what is over at once. */
const PATIENCE = 2_000;
const ON_A_TERMINAL = 200;
const ELSEWHERE = 10_000;

export interface Progress extends Disposable {
  /** What is being done from now on. */
  stage(name: string): void;
  /** How far that is, and what else to say of it. */
  at(done: number, total: number, more?: string): void;
}

/** `say` false: says nothing. */
export function showProgress(stream: NodeJS.WriteStream, say: boolean): Progress {
  const start = performance.now();
  let stage = '';
  let far = '';
  const show = () => {
    const passed = performance.now() - start;
    if (!say || passed < PATIENCE) return;
    const line = `${Math.round(passed / 1000)} s: ${stage}${far}`;
    // A line that wraps could not be taken back.
    stream.write(stream.isTTY ? `\r\x1b[K${line.slice(0, (stream.columns || 80) - 1)}` : `${line}\n`);
  };
  const timer = setInterval(show, stream.isTTY ? ON_A_TERMINAL : ELSEWHERE);
  timer.unref();
  return {
    stage: (name) => {
      stage = name;
      far = '';
      show();
    },
    at: (done, total, more = '') => {
      far = `, ${done} of ${total}${more === '' ? '' : `, ${more}`}`;
    },
    [Symbol.dispose]: () => {
      clearInterval(timer);
      if (stream.isTTY && say) stream.write('\r\x1b[K');
    },
  };
}
