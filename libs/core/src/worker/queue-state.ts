/**
 * Letters of a queue's features that this release knows: (p)riorities, (a)waited results, (e)vents, (g)hosts being swept,
 * (s)chedules, (l)imits, resources (w), (b)atches,
 * groups (o), ends of which dependents are still to be told (d).
 */
const KNOWN_BITS = /^[paegslwbod]*$/;
/** What is taken ahead would be passed by more urgent jobs, or keep others from running. */
const TAKES_NOTHING_AHEAD = /[plwo]/;

/** What a worker knows of its queue from the answers that it gets. */
export class QueueState {
  #bits = '';
  isPaused = false;

  /** No job is held that does not run: jobs differ in priority, or the queue has a limit or resources that held jobs would use up. */
  get takesNothingAhead(): boolean {
    return TAKES_NOTHING_AHEAD.test(this.#bits);
  }

  /** Somebody listens to events: then ends carry the job's name. */
  get isHeardOf(): boolean {
    return this.#bits.includes('e');
  }

  /** False if the queue uses a feature of a later release: then nothing may be leased here. */
  get isKnown(): boolean {
    return KNOWN_BITS.test(this.#bits);
  }

  /** Returns whether something changed. */
  learn(bits: string): boolean {
    const isNew = bits !== this.#bits;
    this.#bits = bits;
    return isNew;
  }
}
