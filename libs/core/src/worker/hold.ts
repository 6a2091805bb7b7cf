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
