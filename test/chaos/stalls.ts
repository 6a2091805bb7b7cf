import type { FaultSpan } from './verdict/evidence.ts';
import { MACHINE } from './verdict/recovery.ts';

const TICK_MS = 50;
/** A process that gets no time for so long may lose a lease without any fault of ours. */
const STALL_MS = 400;

/** Notices when the machine gives this process, and so perhaps others, no time: that explains what nobody did. */
export class Stalls {
  readonly spans: FaultSpan[] = [];
  #last = Date.now();
  readonly #timer = setInterval(() => this.#tick(), TICK_MS);

  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    const now = Date.now();
    if (now - this.#last > STALL_MS)
      this.spans.push({ kind: MACHINE, victims: 'all', from: this.#last, to: now, canTakeLease: true });
    this.#last = now;
  }
}
