/** Letters of a queue's features that this release knows: (p)riorities, (a)waited results, (e)vents, (g)hosts being swept. */
const KNOWN_BITS = /^[paeg]*$/;

/** What a worker knows of its queue from the answers that it gets. */
export class QueueState {
  #bits = '';
  isPaused = false;

  /** Jobs differ in priority. */
  get isOrdered(): boolean {
    return this.#bits.includes('p');
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
