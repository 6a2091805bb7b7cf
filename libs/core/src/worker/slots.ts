import type { Clock, Timer } from '../clock/index.js';
import type { Logger, ResolvedConcurrency } from '../options/index.js';

/** A predicate that says no is asked again after this; one that says yes is not asked more often. */
const ASK_AGAIN_MS = 100;

/** How many jobs may run at once in a worker, over all its queues: a number, no bound, or a question before taking more. */
export class Slots {
  readonly max: number;
  readonly #when: (() => boolean | Promise<boolean>) | undefined;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #onOpen: () => void;
  #used = 0;
  #isOpen: boolean;
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
    this.#isOpen = when === undefined;
  }

  get used(): number {
    return this.#used;
  }

  get free(): number {
    return this.max - this.#used;
  }

  /** Whether more jobs may be taken, by the last answer of the predicate; has it asked again where that is due. */
  mayTake(): boolean {
    if (this.#when !== undefined && !this.#isAsking) this.#ask(this.#when);
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

  #ask(when: () => boolean | Promise<boolean>): void {
    this.#isAsking = true;
    Promise.resolve()
      .then(when)
      .then(
        (yes) => this.#answered(yes),
        (error: unknown) => {
          this.#logger.error('The concurrency predicate threw; no jobs are taken until it answers.', { error });
          this.#answered(false);
        },
      );
  }

  #answered(yes: boolean): void {
    if (this.#isClosed) return;
    const hasOpened = yes && !this.#isOpen;
    this.#isOpen = yes;
    this.#timer = this.#clock.setTimer(
      ASK_AGAIN_MS,
      () => {
        this.#isAsking = false;
        if (!this.#isOpen) this.mayTake();
      },
      { unref: true, background: true },
    );
    if (hasOpened) this.#onOpen();
  }
}
