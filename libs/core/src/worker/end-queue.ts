import type { Epoch } from './epoch.js';
import type { Unit } from './hold.js';
import type { EndFate } from './turned.js';

/** The end of an attempt that is to be handed in. */
export interface PendingEnd {
  readonly epoch: Epoch;
  readonly id: string;
  /** As the exchange takes it. */
  readonly code: string;
  /** Ends with the same one go in one call. */
  readonly unit?: Unit | undefined;
  /** Told whether it counted, as what it was or as a failure. */
  readonly settle: (fate: EndFate) => void;
}

/** What one call may carry: large ones would hold the server. */
export const MAX_ENDS = 500;
const MAX_CHARS = 1_048_576;

/** Ends of attempts that wait for the next exchange, in order. */
export class EndQueue {
  #ends: PendingEnd[] = [];
  #chars = 0;

  get size(): number {
    return this.#ends.length;
  }

  push(end: PendingEnd): void {
    this.#ends.push(end);
    this.#chars += end.code.length;
  }

  /** Takes out what one call may carry; a single end always goes, however large. */
  take(): PendingEnd[] {
    if (this.#ends.length <= MAX_ENDS && this.#chars <= MAX_CHARS) return this.#takeFirst(this.#ends.length);
    let count = 0;
    for (let chars = 0; count < MAX_ENDS && count < this.#ends.length; count++) {
      chars += this.#ends[count]!.code.length;
      if (count > 0 && chars > MAX_CHARS) break;
    }
    return this.#takeFirst(this.#withWholeUnits(count));
  }

  /** A batch that does not fit waits for the next call; one that is too large for any goes alone. */
  #withWholeUnits(count: number): number {
    const unit = this.#ends[count]?.unit;
    if (unit === undefined || this.#ends[count - 1]?.unit !== unit) return count;
    const first = this.#ends.findIndex((end) => end.unit === unit);
    return first > 0 ? first : this.#ends.findLastIndex((end) => end.unit === unit) + 1;
  }

  /** Takes out those of an epoch. */
  remove(epoch: Epoch): PendingEnd[] {
    const all = this.#takeFirst(this.#ends.length);
    for (const end of all) if (end.epoch !== epoch) this.push(end);
    return all.filter((end) => end.epoch === epoch);
  }

  #takeFirst(count: number): PendingEnd[] {
    const taken = this.#ends.slice(0, count);
    this.#ends = this.#ends.slice(count);
    for (const { code } of taken) this.#chars -= code.length;
    return taken;
  }
}
