import { sharedMonotonicMs } from '../permit.js';

/** How often the main thread shows that it lives. */
export const BEAT_MS = 200;

/** When the main thread last showed that its event loop turns, in shared memory. */
export class Heartbeat {
  readonly buffer: SharedArrayBuffer;
  readonly #cell: Float64Array;

  constructor(buffer = new SharedArrayBuffer(8)) {
    this.buffer = buffer;
    this.#cell = new Float64Array(buffer);
  }

  beat(): void {
    this.#cell[0] = sharedMonotonicMs();
  }

  /** How long the event loop has been blocked, in ms; small numbers are none at all. */
  get silentMs(): number {
    return sharedMonotonicMs() - this.#cell[0]!;
  }
}
