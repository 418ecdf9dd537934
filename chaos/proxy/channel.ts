/** The queue between two stages of a link: one sender, one receiver, and a sender that waits while it is full. */

/** What one read returned, or a part of it. */
export interface Chunk {
  readonly data: Buffer;
  /** When it came, in milliseconds of the process; a latency moves it on. */
  readonly at: number;
}

const nobody = () => undefined;

export class Channel {
  /** Called when something can be taken. */
  onArrival: () => void = nobody;
  /** Called when something was taken. */
  onRoom: () => void = nobody;
  readonly #capacity: number;
  #queue: Chunk[] = [];
  #ended = false;

  /** @param capacity chunks that are accepted though nobody has taken them yet; 0: the sender waits for each */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** The sender must wait: its last chunk stands outside. */
  get isFull(): boolean {
    return this.#queue.length > this.#capacity;
  }

  push(chunk: Chunk): void {
    this.#queue.push(chunk);
    this.onArrival();
  }

  /** Nothing follows; what is in the queue stays. */
  end(): void {
    this.#ended = true;
    this.onArrival();
  }

  /** The next chunk, `end` behind the last one, or undefined while there is none. */
  take(): Chunk | 'end' | undefined {
    const chunk = this.#queue.shift();
    if (chunk === undefined) return this.#ended ? 'end' : undefined;
    this.onRoom();
    return chunk;
  }

  /** Gives the sender back the chunk that stands outside. */
  retract(): Chunk | undefined {
    return this.isFull ? this.#queue.pop() : undefined;
  }

  /** Takes everything out. */
  empty(): Chunk[] {
    const all = this.#queue;
    this.#queue = [];
    return all;
  }
}
