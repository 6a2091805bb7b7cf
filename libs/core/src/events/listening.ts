import { sleep, type Clock } from '../clock/index.js';
import type { QueueContext } from '../queue/queue-context.js';
import { scripts } from '../redis/index.js';

/** The core writes events while somebody listens: whoever reads says so again well before it is forgotten. */
const REMEMBERED_MS = 60_000;
const SAY_SO_MS = 20_000;

/**
 * Says that somebody listens to the events of a queue, again and again, however slowly the events are read. What happens
 * while nobody says so is not written: that there was such a time has to be told.
 */
export class Listening {
  readonly #queue: QueueContext;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  #saidAt = -Infinity;
  #hasLapsed = false;

  /** @param signal ends it */
  constructor(queue: QueueContext, signal: AbortSignal) {
    this.#queue = queue;
    this.#clock = queue.clock;
    this.#signal = signal;
  }

  /** Resolves when events are being written; they may have been before. */
  async begin(): Promise<void> {
    const { fields } = await this.#configure([]);
    const bits = fields[fields.findIndex((name, i) => i % 2 === 0 && name === 'bits') + 1] ?? '';
    this.#hasLapsed = !bits.includes('e');
    await this.#say();
    void this.#goOn();
  }

  /** Whether events went unwritten since this was asked last; the first time, whether they did before. */
  takeLapse(): boolean {
    const hasLapsed = this.#hasLapsed;
    this.#hasLapsed = false;
    return hasLapsed;
  }

  async #goOn(): Promise<void> {
    try {
      for (;;) {
        await sleep(this.#clock, SAY_SO_MS, { signal: this.#signal, unref: true });
        const saidBefore = this.#saidAt;
        await this.#say();
        if (this.#saidAt - saidBefore > REMEMBERED_MS) this.#hasLapsed = true;
      }
    } catch {
      // It has ended; a call that fails is repeated until then.
    }
  }

  async #say(): Promise<void> {
    await this.#configure(['listening', String(REMEMBERED_MS)]);
    this.#saidAt = this.#clock.monotonic();
  }

  #configure(fields: string[]): Promise<{ readonly fields: readonly string[] }> {
    const args = { now: this.#queue.now, fields };
    return this.#queue.run(scripts.configure, args, { repeatUntilAnswered: this.#signal });
  }
}
