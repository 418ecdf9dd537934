/** One socket of a connection: reads into a channel, writes out of one, and closes as the kernel would for the original. */

import type { Socket } from 'node:net';
import type { Channel } from './channel.ts';

/** The most that one read of the original returns. */
const largestChunk = 32 * 1024;

export class Wire {
  readonly socket: Socket;
  /** Every close is a reset from now on. */
  resets = false;
  /** Read from the kernel, and not yet taken by the channel. */
  #pieces: Buffer[] = [];
  #source: Channel | null = null;
  #isFeeding = false;
  #isAtEnd = false;

  constructor(socket: Socket) {
    this.socket = socket;
    // What went wrong is seen by the close that follows.
    socket.on('error', () => undefined);
  }

  /** Reads into the channel, no faster than it takes; the end of the stream, however it comes, ends the channel. */
  readInto(channel: Channel): void {
    this.#source = channel;
    this.socket.on('data', (data: Buffer) => {
      this.socket.pause();
      for (let at = 0; at < data.length; at += largestChunk) {
        this.#pieces.push(data.subarray(at, at + largestChunk));
      }
      void this.#feed();
    });
    this.socket.once('end', () => this.#end());
    this.socket.once('close', () => {
      // What the original would have left in the kernel is lost with the socket.
      this.#pieces = [];
      this.#end();
    });
    if (this.socket.destroyed) this.#end();
    else this.socket.resume();
  }

  /** Writes what comes out of the channel; resolves when it ends or the socket takes no more. */
  async writeFrom(channel: Channel): Promise<void> {
    for (;;) {
      const chunk = channel.take();
      if (chunk === 'end') return;
      if (chunk === undefined) {
        await new Promise<void>((resolve) => {
          channel.onArrival = resolve;
        });
      } else if (chunk.data.length > 0 && !(await this.#write(chunk.data))) return;
    }
  }

  /** At once. Bytes that nobody read make a reset of it, by a rule of the kernel. */
  close(): void {
    if (this.socket.destroyed) return;
    const hasUnread = this.#pieces.length > 0 || this.socket.readableLength > 0;
    if (this.resets || hasUnread) this.socket.resetAndDestroy();
    else this.socket.destroy();
  }

  async #feed(): Promise<void> {
    if (this.#isFeeding || !this.#source) return;
    this.#isFeeding = true;
    const channel = this.#source;
    for (let data = this.#pieces.shift(); data !== undefined; data = this.#pieces.shift()) {
      channel.push({ data, at: performance.now() });
      while (channel.isFull) {
        await new Promise<void>((resolve) => {
          channel.onRoom = resolve;
        });
      }
    }
    this.#isFeeding = false;
    if (this.#isAtEnd) channel.end();
    else this.socket.resume();
  }

  #end(): void {
    if (this.#isAtEnd) return;
    this.#isAtEnd = true;
    if (!this.#isFeeding) this.#source?.end();
  }

  #write(data: Buffer): Promise<boolean> {
    return new Promise((resolve) => {
      this.socket.write(data, (error) => resolve(!error));
    });
  }
}
