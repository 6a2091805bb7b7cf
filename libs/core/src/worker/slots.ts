import type { Clock, Timer } from '../clock/index.js';
import type { Logger, ResolvedConcurrency } from '../options/index.js';

/** A predicate that says no is asked again after this. */
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
  #asking = false;
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

  /** How many more jobs may be taken now. */
  get free(): number {
    if (this.#when !== undefined) this.#ask();
    return this.#isOpen ? this.max - this.#used : 0;
  }

  /** Takes a slot if one is free, whatever the predicate says: it speaks of taking more jobs, not of starting what is held. */
  take(): boolean {
    if (this.#used >= this.max) return false;
    this.#used++;
    return true;
  }

  release(): void {
    this.#used--;
  }

  /** Ends the asking. */
  close(): void {
    this.#timer?.clear();
  }

  #ask(): void {
    if (this.#asking || this.#when === undefined) return;
    this.#asking = true;
    const answered = (yes: boolean): void => {
      const opened = yes && !this.#isOpen;
      this.#isOpen = yes;
      if (opened) this.#onOpen();
      this.#timer = this.#clock.setTimer(
        ASK_AGAIN_MS,
        () => {
          this.#asking = false;
          if (!this.#isOpen) this.#ask();
        },
        { unref: true, background: true },
      );
    };
    Promise.resolve()
      .then(this.#when)
      .then(answered, (error: unknown) => {
        this.#logger.error('The concurrency predicate threw; no jobs are taken until it answers.', { error });
        answered(false);
      });
  }
}
