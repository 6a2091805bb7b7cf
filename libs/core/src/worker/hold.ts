import { decodeEnvelope, decodeHeader, type Envelope, type Header } from '../job/record.js';
import type { Epoch } from './epoch.js';

/** What is known of a job as it is leased. */
export interface Leased extends Pick<Hold, 'id' | 'token' | 'epoch' | 'place' | 'word' | 'leasedAt'> {
  readonly header: string | undefined;
  /** The envelope. */
  readonly text: string;
}

/** A job that this worker holds. */
export class Hold {
  readonly id: string;
  /** Proof of the hold: slot and number of the call that leased the job. */
  readonly token: string;
  readonly epoch: Epoch;
  /** Where it stands in the table shared with the lease keeper, and the word that names this very hold there. */
  readonly place: number;
  readonly word: number;
  readonly header: Header;
  /** By the clock of the process, in ms. */
  readonly leasedAt: number;
  /** The batch as part of which it runs. */
  unit: Unit | undefined;
  #text: string;
  #envelope: Envelope | undefined;

  constructor({ id, token, epoch, place, word, header, leasedAt, text }: Leased) {
    this.id = id;
    this.token = token;
    this.epoch = epoch;
    this.place = place;
    this.word = word;
    this.header = decodeHeader(header);
    this.leasedAt = leasedAt;
    this.unit = undefined;
    this.#text = text;
  }

  /** Decoded when it is first asked for: most jobs are, but those given back never. */
  get envelope(): Envelope {
    if (this.#envelope === undefined) {
      this.#envelope = decodeEnvelope(this.#text);
      this.#text = '';
    }
    return this.#envelope;
  }
}

/**
 * The jobs of a batch in this worker. In the buffer its first job stands for all; once it runs, each job ends by itself, and
 * the slot is free after the last.
 */
export class Unit {
  /** Those that are held, in the order of the batch. */
  members: readonly Hold[];
  /** What the application threw when it was asked for the key: that ends the attempt, and no handler is called. */
  problem: { readonly thrown: unknown } | undefined;
  #toEnd = 0;
  #toTell = 0;

  constructor(members: readonly Hold[]) {
    this.members = members;
    for (const member of members) member.unit = this;
  }

  /** It leaves the buffer with these of its jobs. */
  start(members: readonly Hold[]): void {
    this.members = members;
    this.#toEnd = this.#toTell = members.length;
  }

  /** One more has ended; true for the last. */
  ended(): boolean {
    return --this.#toEnd === 0;
  }

  /** Whoever is to hear of the end of one more has; true for the last. */
  told(): boolean {
    return --this.#toTell === 0;
  }
}

/** The jobs that an entry of the buffer stands for. */
export function membersOf(hold: Hold): readonly Hold[] {
  return hold.unit?.members ?? [hold];
}
