import { validateName } from '../job/names.js';
import { decodePayload } from '../job/payload.js';
import type { ResolvedBatch } from '../options/index.js';
import type { Ending } from './ending.js';
import type { Hold } from './hold.js';
import type { Stock } from './stock.js';

/** What gathering asks of, and tells to, its consumer. */
export interface GatheringHost {
  readonly stock: Stock;
  handIn(hold: Hold, ending: Ending): void;
}

/** Jobs that came alone, and whose handler wants several: they are handed in to wait for their batch, and take no slot. */
export class Gathering {
  readonly #host: GatheringHost;

  constructor(host: GatheringHost) {
    this.#host = host;
  }

  gather(hold: Hold): void {
    const { stock } = this.#host;
    const { batch } = stock.buffer.handlerOf(hold.envelope.name) ?? {};
    if (batch === undefined) return stock.buffer.push(hold);
    // One that may have killed its process runs alone, as does one whose data cannot be read.
    const decoded = decodePayload(hold.envelope.payload);
    if (hold.header.stalls > 0 || !decoded.ok) return stock.together([hold]);
    let key: string;
    try {
      key = keyOf(batch, decoded.value);
    } catch (problem) {
      stock.together([hold]);
      hold.unit!.problem = { thrown: problem };
      return;
    }
    if (stock.table.end(hold.place, hold.word)) this.#host.handIn(hold, joining(batch, key));
  }
}

/** @throws InvalidNameError, and what the application's function throws */
function keyOf({ key }: ResolvedBatch, data: unknown): string {
  const made = key === undefined ? '' : key(data);
  return made === '' ? '' : validateName('batch key', made);
}

function joining({ graceMs, maxDelayMs, maxSize }: ResolvedBatch, key: string): Ending {
  return { letter: 'a', durationMs: 0, body: `${graceMs},${maxDelayMs},${maxSize},${key}` };
}
