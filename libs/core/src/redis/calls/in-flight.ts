import { setMaxListeners } from 'node:events';

/** A call that was sent and is not answered yet. */
export class Call {
  previous: Call | undefined;
  next: Call | undefined;
  timer: NodeJS.Timeout | undefined;

  constructor(
    /** Settles what the caller waits for. */
    readonly reject: (error: Error) => void,
    readonly signal: AbortSignal | undefined,
  ) {}
}

/**
 * The calls that are in flight. A list linked through the calls themselves: a `Set` costs more a call (1 µs, measured)
 * than all else that is done for one.
 */
export class InFlight {
  readonly #ring = new Call(() => {}, undefined);
  readonly #heeded = new WeakSet<AbortSignal>();

  constructor() {
    this.#ring.next = this.#ring.previous = this.#ring;
  }

  add(call: Call): void {
    const last = this.#ring.previous as Call;
    call.previous = last;
    call.next = this.#ring;
    last.next = this.#ring.previous = call;
  }

  /** Ends a call; `false` when it has ended before. */
  remove(call: Call): boolean {
    if (call.next === undefined) return false;
    clearTimeout(call.timer);
    (call.previous as Call).next = call.next;
    call.next.previous = call.previous;
    call.next = call.previous = undefined;
    return true;
  }

  /** Rejects the calls of a signal, or all. */
  rejectAll(error: Error, signal?: AbortSignal): void {
    for (let call = this.#ring.next as Call, next; call !== this.#ring; call = next) {
      next = call.next as Call;
      if (signal !== undefined && call.signal !== signal) continue;
      this.remove(call);
      call.reject(error);
    }
  }

  /**
   * Rejects the calls of a signal when it aborts. To be said before the first of them; listens once a signal, because
   * a worker's calls all have the same one.
   */
  heed(signal: AbortSignal): void {
    if (this.#heeded.has(signal)) return;
    this.#heeded.add(signal);
    // Each call that waits for the connection listens as well; Node takes more than ten for a leak.
    setMaxListeners(0, signal);
    signal.addEventListener('abort', () => this.rejectAll(signal.reason as Error, signal), { once: true });
  }
}
