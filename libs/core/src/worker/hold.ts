import { decodeEnvelope, decodeHeader, type Envelope, type Header } from '../job/record.js';
import type { Epoch } from './epoch.js';

/** A job that this worker holds, before its handler runs. */
export class Hold {
  readonly id: string;
  /** Proof of the hold: slot and number of the call that leased the job. */
  readonly token: string;
  readonly epoch: Epoch;
  /** Where it stands in the table shared with the lease keeper, and the word that names this very hold there. */
  readonly place: number;
  readonly word: number;
  readonly bytes: number;
  readonly header: Header;
  #text: string;
  #envelope: Envelope | undefined;

  constructor(id: string, token: string, epoch: Epoch, place: number, word: number, text: string, header: string | undefined) {
    this.id = id;
    this.token = token;
    this.epoch = epoch;
    this.place = place;
    this.word = word;
    this.bytes = text.length;
    this.header = decodeHeader(header);
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
