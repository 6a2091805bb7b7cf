import type { Clock, Timer } from '../clock/index.js';
import { JobTimeoutError } from '../errors/index.js';
import type { DependencyResults } from '../job/dependency-results.js';
import type { PayloadLimits } from '../job/payload.js';
import { NO_OPTIONS } from '../job/record.js';
import {
  layerJobDefaults,
  type LayeredJobDefaults,
  type ResolvedHandler,
  type ResolvedJobDefaults,
} from '../options/index.js';
import type { QueueContext } from '../queue/queue-context.js';
import { readDependencyResults } from './dependency-results.js';
import type { Hold } from './hold.js';
import { Notes } from './notes.js';
import type { WorkerContext } from './worker-context.js';
import type { Onwards } from './onwards.js';

/** What an attempt needs of the worker that makes it. */
export interface AttemptHost {
  readonly context: QueueContext;
  readonly clock: Clock;
  /** What the handlers of the worker share. */
  readonly shared: WorkerContext;
  /** The weakest defaults: the worker's own. */
  readonly defaults: ResolvedJobDefaults;
  readonly limits: Omit<PayloadLimits, 'subject'>;
  readonly onwards: Onwards;
  /** The attempt passed its deadline. */
  onDeadline(attempt: Attempt): void;
  /** The deadline was set or moved: the lease keeper must know it, for a blocked event loop fires no timer. */
  onDeadlineSet(attempt: Attempt, inMs: number): void;
}

/** One run of a job: its deadline and its abort signal. */
export class Attempt {
  readonly hold: Hold;
  readonly handler: ResolvedHandler;
  readonly policy: LayeredJobDefaults;
  readonly startedAt: number;
  /** Ended from outside (deadline, cancelled, lease lost, shutdown): what the handler does now counts no more. */
  isOver = false;
  readonly #host: AttemptHost;
  #controller: AbortController | undefined;
  #abortReason: Error | undefined;
  #timer: Timer | undefined;
  #deadline: number | undefined;
  #notes: Notes | undefined;

  constructor(hold: Hold, handler: ResolvedHandler, host: AttemptHost) {
    this.hold = hold;
    this.handler = handler;
    this.#host = host;
    this.startedAt = host.clock.monotonic();
    const { options } = hold.envelope;
    this.policy = layer(host.defaults, options.queueDefaults, handler.defaults, options);
  }

  /** Sets the deadline, if the job has one. */
  start(): void {
    if (this.policy.timeoutMs !== undefined) this.#setDeadline(this.policy.timeoutMs);
  }

  get queue(): string {
    return this.#host.context.name;
  }

  /** What this attempt and those before it wrote down. */
  get notes(): Notes {
    this.#notes ??= new Notes(this.#host.context, this.hold, () => this.isOver);
    return this.#notes;
  }

  /** What came of the jobs on which this one depends. */
  results(): Promise<DependencyResults> {
    return readDependencyResults(this.#host.context, this.hold.id);
  }

  get limits(): Omit<PayloadLimits, 'subject'> {
    return this.#host.limits;
  }

  /** What the handlers of the worker share. */
  get shared(): unknown {
    return this.#host.shared.value;
  }

  get onwards(): Onwards {
    return this.#host.onwards;
  }

  get elapsedMs(): number {
    return this.#host.clock.monotonic() - this.startedAt;
  }

  /** Made when it is asked for: most handlers never do, and a controller costs a microsecond. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#abortReason !== undefined) this.#controller.abort(this.#abortReason);
    }
    return this.#controller.signal;
  }

  /** Ends the attempt from outside. */
  abort(reason: Error): void {
    this.end();
    this.#abortReason ??= reason;
    this.#controller?.abort(reason);
  }

  /** Nothing that the handler does from now on counts. */
  end(): void {
    this.isOver = true;
    this.#timer?.clear();
  }

  /** The error of the deadline. */
  timeoutError(): JobTimeoutError {
    return new JobTimeoutError(this.queue, this.hold.id, this.policy.timeoutMs ?? 0);
  }

  extend(ms = this.policy.timeoutMs): void {
    if (ms !== undefined && this.#deadline !== undefined && !this.isOver) this.#setDeadline(ms);
  }

  ttlMs(): number | undefined {
    return this.#deadline === undefined ? undefined : Math.max(0, this.#deadline - this.#host.clock.monotonic());
  }

  #setDeadline(ms: number): void {
    this.#timer?.clear();
    this.#deadline = this.#host.clock.monotonic() + ms;
    this.#timer = this.#host.clock.setTimer(ms, () => this.#host.onDeadline(this), { unref: true });
    this.#host.onDeadlineSet(this, ms);
  }
}

const EMPTY: ResolvedJobDefaults = Object.freeze({});
const PLAIN = new WeakMap<ResolvedJobDefaults, WeakMap<ResolvedJobDefaults, LayeredJobDefaults>>();

/** Library < worker < producer's queue < handler < job. Jobs that say nothing share one policy for each handler. */
function layer(
  worker: ResolvedJobDefaults,
  queue: ResolvedJobDefaults = EMPTY,
  handler: ResolvedJobDefaults,
  job: ResolvedJobDefaults,
): LayeredJobDefaults {
  if (queue !== EMPTY || job !== NO_OPTIONS) return layerJobDefaults(worker, queue, handler, job);
  const ofWorker = PLAIN.get(worker) ?? new WeakMap<ResolvedJobDefaults, LayeredJobDefaults>();
  PLAIN.set(worker, ofWorker);
  const known = ofWorker.get(handler) ?? layerJobDefaults(worker, handler);
  ofWorker.set(handler, known);
  return known;
}
