import type { Clock, Timer } from '../clock/index.js';
import type { Logger, ResolvedConcurrency } from '../options/index.js';

/** A predicate is asked again after this, and its answer counts for twice as long: so that it can take its time. */
const ASK_AGAIN_MS = 100;

/** How many jobs may run at once in a worker, over all its queues: a number, no bound, or a question before taking more. */
export class Slots {
  readonly max: number;
  readonly #when: (() => boolean | Promise<boolean>) | undefined;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #onOpen: () => void;
  #used = 0;
  #answer = false;
  #answeredAt = -Infinity;
  #isAsking = false;
  #isClosed = false;
  #timer: Timer | undefined;

  /** @param onOpen called when the predicate says yes after it said no */
  constructor({ max, when }: ResolvedConcurrency, clock: Clock, logger: Logger, onOpen: () => void) {
    this.max = max;
    this.#when = when;
    this.#clock = clock;
    this.#logger = logger;
    this.#onOpen = onOpen;
  }

  get used(): number {
    return this.#used;
  }

  get free(): number {
    return this.max - this.#used;
  }

  /** Whether more jobs may be taken, by the last answer of the predicate; asks again where that is due. */
  mayTake(): boolean {
    if (this.#when === undefined) return true;
    if (this.#ageMs >= ASK_AGAIN_MS) this.#ask(this.#when);
    return this.#isOpen;
  }

  /** Takes a slot, whatever the predicate says: it speaks of taking more jobs, not of starting what is held. */
  take(): void {
    this.#used++;
  }

  release(): void {
    this.#used--;
  }

  /** Ends the asking. */
  close(): void {
    this.#isClosed = true;
    this.#timer?.clear();
  }

  get #ageMs(): number {
    return this.#clock.monotonic() - this.#answeredAt;
  }

  get #isOpen(): boolean {
    return this.#answer && this.#ageMs < 2 * ASK_AGAIN_MS;
  }

  #ask(when: () => boolean | Promise<boolean>): void {
    if (this.#isAsking) return;
    this.#isAsking = true;
    Promise.resolve()
      .then(when)
      .then(
        (yes) => this.#answered(yes, when),
        (error: unknown) => {
          this.#logger.error('The concurrency predicate threw; no jobs are taken until it answers.', { error });
          this.#answered(false, when);
        },
      );
  }

  #answered(yes: boolean, when: () => boolean | Promise<boolean>): void {
    if (this.#isClosed) return;
    const wasOpen = this.#isOpen;
    this.#isAsking = false;
    this.#answer = yes;
    this.#answeredAt = this.#clock.monotonic();
    this.#timer?.clear();
    const options = { unref: true, background: true };
    if (!yes) this.#timer = this.#clock.setTimer(ASK_AGAIN_MS, () => this.#ask(when), options);
    else if (!wasOpen) this.#onOpen();
  }
}
