import { setMaxListeners } from 'node:events';

import { CallUnknownError } from './call-unknown-error.js';

/** A call that was sent and is not answered yet. */
export class Call {
  previous: Call | undefined;
  next: Call | undefined;
  /** By `performance.now()`. */
  readonly deadline: number;
  /** How many calls had been answered when this one was sent. */
  answersBefore = 0;

  constructor(
    readonly command: string,
    readonly timeoutMs: number,
    /** Settles what the caller waits for. */
    readonly reject: (error: Error) => void,
    readonly signal: AbortSignal | undefined,
  ) {
    this.deadline = performance.now() + timeoutMs;
  }
}

/**
 * The calls that are in flight. A list linked through the calls themselves: a `Set` costs more a call (1 µs, measured)
 * than all else that is done for one.
 */
export class InFlight {
  readonly #ring = new Call('', 0, () => {}, undefined);
  readonly #heeded = new WeakSet<AbortSignal>();
  readonly #silenceLimitMs: number;
  readonly #onSilence: () => void;
  #timer: NodeJS.Timeout | undefined;
  #looksAt = Infinity;
  #answers = 0;
  /** When the first call was sent since which none has been answered, if its time is over. */
  #silentSince: number | undefined;

  /** @param onSilence told that nothing was answered for that long, although something was asked: the socket may be dead */
  constructor(silenceLimitMs: number, onSilence: () => void) {
    this.#ring.next = this.#ring.previous = this.#ring;
    this.#silenceLimitMs = silenceLimitMs;
    this.#onSilence = onSilence;
  }

  /** The call is rejected when its time is over. */
  add(call: Call): void {
    const last = this.#ring.previous as Call;
    call.previous = last;
    call.next = this.#ring;
    last.next = this.#ring.previous = call;
    call.answersBefore = this.#answers;
    if (call.deadline < this.#looksAt) this.#lookAt(call.deadline);
  }

  /** Ends a call that Redis has answered; `false` when it has ended before. */
  answered(call: Call): boolean {
    if (!this.#remove(call)) return false;
    this.#answers++;
    this.#silentSince = undefined;
    return true;
  }

  /** Ends a call that nobody has answered; `false` when it has ended before. */
  unanswered(call: Call): boolean {
    if (!this.#remove(call)) return false;
    if (call.answersBefore !== this.#answers) return true;
    this.#silentSince ??= call.deadline - call.timeoutMs;
    if (performance.now() - this.#silentSince < this.#silenceLimitMs) return true;
    this.#silentSince = undefined;
    this.#onSilence();
    return true;
  }

  #remove(call: Call): boolean {
    if (call.next === undefined) return false;
    (call.previous as Call).next = call.next;
    call.next.previous = call.previous;
    call.next = call.previous = undefined;
    return true;
  }

  /** Rejects all calls, and looks at deadlines no more. */
  close(error: Error): void {
    for (const call of this.#calls()) this.#reject(call, error);
    clearTimeout(this.#timer);
    this.#looksAt = Infinity;
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
    signal.addEventListener('abort', () => this.#abort(signal), { once: true });
  }

  #abort(signal: AbortSignal): void {
    for (const call of this.#calls()) if (call.signal === signal) this.#reject(call, signal.reason as Error);
  }

  /**
   * One timer for all, as calls are many and hardly one comes to its deadline. It keeps no process alive, the connection does that.
   */
  #lookAt(deadline: number): void {
    clearTimeout(this.#timer);
    this.#looksAt = deadline;
    this.#timer = setTimeout(() => this.#look(), Math.max(1, deadline - performance.now())).unref();
  }

  #look(): void {
    const now = performance.now();
    let soonest = Infinity;
    for (const call of this.#calls()) {
      if (call.deadline > now) soonest = Math.min(soonest, call.deadline);
      else if (this.unanswered(call))
        call.reject(new CallUnknownError(call.command, `no answer within ${Math.round(call.timeoutMs)} ms`));
    }
    this.#looksAt = Infinity;
    if (soonest < Infinity) this.#lookAt(soonest);
  }

  #reject(call: Call, error: Error): void {
    this.#remove(call);
    call.reject(error);
  }

  /** Each may be removed as it comes by. */
  *#calls(): Generator<Call> {
    for (let call = this.#ring.next as Call, next; call !== this.#ring; call = next) {
      next = call.next as Call;
      yield call;
    }
  }
}
