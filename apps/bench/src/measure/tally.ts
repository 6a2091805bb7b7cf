import type { Meter } from './meter.js';

/** Counts jobs as they are done, starts and stops the meter on the way, and says when all are, or the time is up. */
export class Tally {
  /** Resolves with the number of jobs that were measured. */
  readonly finished: Promise<number>;
  readonly #warmUp: number;
  readonly #all: number;
  readonly #meter: Meter;
  readonly #finish: (measured: number) => void;
  readonly #timer: NodeJS.Timeout;
  #done = 0;
  #hasFinished = false;

  /**
   * @param warmUp jobs that do not count
   * @param jobs jobs that do
   * @param limitMs how long to wait for them
   */
  constructor(
    meter: Meter,
    { warmUp, jobs, limitMs }: { readonly warmUp: number; readonly jobs: number; readonly limitMs: number },
  ) {
    this.#meter = meter;
    this.#warmUp = warmUp;
    this.#all = warmUp + jobs;
    let resolveIt!: (measured: number) => void;
    let rejectIt!: (error: Error) => void;
    this.finished = new Promise((resolve, reject) => {
      resolveIt = resolve;
      rejectIt = reject;
    });
    this.#finish = resolveIt;
    this.#timer = setTimeout(() => {
      if (this.#done > warmUp) this.#end();
      else rejectIt(new Error(`Within ${limitMs / 1_000} s it did ${this.#done} of ${warmUp} jobs of the warm-up.`));
    }, limitMs);
  }

  /** One job more. */
  readonly done = (): void => this.add(1);

  /** So many jobs more. */
  add(jobs: number): void {
    const before = this.#done;
    this.#done += jobs;
    if (before < this.#warmUp && this.#done >= this.#warmUp) this.#meter.start();
    if (this.#done >= this.#all) this.#end();
  }

  #end(): void {
    if (this.#hasFinished) return;
    this.#hasFinished = true;
    clearTimeout(this.#timer);
    this.#meter.stop();
    this.#finish(this.#done - this.#warmUp);
  }
}
