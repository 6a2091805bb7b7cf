import { decodeError, type JobErrorInfo } from '../errors/index.js';
import type { Jsonify } from '../types/index.js';
import { decodeRef } from './job-ref.js';
import type { JobState } from './job-state.js';
import { decodePayload } from './payload.js';
import { usesOf, type JobLines } from './job-lines.js';
import type { Envelope, Header, Outcome, StoredOptions } from './record.js';

/** What is stored of a job, as one reading found it. */
export interface JobRecord {
  readonly id: string;
  readonly queue: string;
  readonly state: JobState | 'gone';
  readonly envelope: Envelope;
  readonly header: Header;
  readonly outcome?: Outcome | undefined;
  /** What the last attempt threw, while the job is not over. */
  readonly error?: string | undefined;
  /** When a delayed or retrying job is due, or the batch of an aggregating one fires at the latest. */
  readonly dueAt?: number | undefined;
  readonly progress?: string | undefined;
  readonly lines?: JobLines | undefined;
}

/**
 * A job as it was when it was read; it does not change by itself. Read it again with `queue.get(job.id)`.
 *
 * @typeParam D the data as it was given to `add()`
 * @typeParam R what its handler returns
 */
export class Job<D = unknown, R = unknown, N extends string = string> {
  readonly id: string;
  readonly name: N;
  /** The name of the queue. */
  readonly queue: string;
  /**
   * Where the job was. `gone`: it ended and was deleted, and its id is still remembered, so `add` kept it. Nothing else is
   * known of it: `name` is empty, `data` undefined, `createdAt` an invalid date.
   */
  readonly state: JobState | 'gone';
  /** What `add` did; absent on a job that was read. */
  readonly outcome: 'added' | 'kept' | 'replaced' | undefined;
  readonly #record: JobRecord;

  constructor(record: JobRecord, outcome?: 'added' | 'kept' | 'replaced') {
    this.#record = record;
    this.id = record.id;
    this.name = record.envelope.name as N;
    this.queue = record.queue;
    this.state = record.state;
    this.outcome = outcome;
  }

  /** The data, or `undefined` when what is stored cannot be decoded: see {@link payload}. */
  get data(): Jsonify<D> {
    return valueOf(this.#record.envelope.payload) as Jsonify<D>;
  }

  /** The data as it is stored: JSON text. */
  get payload(): string {
    return this.#record.envelope.payload;
  }

  /** The texts that were given beside the data. */
  get meta(): Readonly<Record<string, string>> {
    return this.#record.envelope.options.meta ?? {};
  }

  get tags(): readonly string[] {
    return this.#record.lines?.get('t') ?? [];
  }

  get group(): string | undefined {
    return this.#record.lines?.get('g')?.[0];
  }

  /** How much it uses of which resources. */
  get uses(): Readonly<Record<string, number>> {
    return usesOf(this.#record.lines?.get('r'));
  }

  /** The jobs that have to complete, or had to, before this one runs. */
  get dependsOn(): readonly { readonly queue: string; readonly id: string }[] {
    return (this.#record.lines?.get('d') ?? []).slice(1).map((ref) => decodeRef(ref, this.queue));
  }

  get priority(): number {
    const { header, envelope } = this.#record;
    return header.priority ?? Number(/(?:^|,)p(-?\d+)/.exec(envelope.fields)?.[1] ?? 0);
  }

  /** How many attempts threw or timed out. BullMQ: `attemptsMade`. */
  get failures(): number {
    return this.#record.header.failures;
  }

  /** How many times the worker vanished while the job ran. */
  get stalls(): number {
    return this.#record.header.stalls;
  }

  /** The number of the last attempt, from 1; 0 when none has ended. */
  get attempt(): number {
    return this.#record.outcome?.attempt ?? this.failures + this.stalls;
  }

  /** The job whose final failure added this one, by its `onFailure`. */
  get failedJobId(): string | undefined {
    return this.#record.envelope.options.failedJobId;
  }

  /** The schedule that added this job. */
  get scheduleId(): string | undefined {
    return this.#record.envelope.options.scheduleId;
  }

  /** The time of its schedule that it was added for, however late that was; absent after `triggerNow()`. */
  get scheduledFor(): Date | undefined {
    return asDate(this.#record.envelope.options.scheduledFor);
  }

  /** What was said when the job was added; its handler may say more. */
  get options(): StoredOptions {
    return this.#record.envelope.options;
  }

  /** By the clock of Redis. BullMQ: `timestamp`. */
  get createdAt(): Date {
    return new Date(this.#record.envelope.createdAt);
  }

  /** When a delayed or retrying job is due; a blocked one, if it was delayed. */
  get runAt(): Date | undefined {
    return asDate(this.#record.dueAt);
  }

  /** BullMQ: `finishedOn`. */
  get finishedAt(): Date | undefined {
    return asDate(this.#record.outcome?.finishedAt);
  }

  /** How long the last attempt ran, in ms. */
  get durationMs(): number | undefined {
    return this.#record.outcome?.durationMs;
  }

  /** What the handler returned. BullMQ: `returnvalue`. */
  get result(): Jsonify<R> | undefined {
    const { outcome } = this.#record;
    if (outcome?.state !== 'completed') return undefined;
    return valueOf(outcome.body) as Jsonify<R> | undefined;
  }

  /** What the last attempt threw. BullMQ: `failedReason`. */
  get error(): JobErrorInfo | undefined {
    const { outcome, error } = this.#record;
    const text = outcome === undefined ? error : outcome.state === 'completed' ? undefined : outcome.body;
    return text === undefined || text === '' ? undefined : decodeError(text);
  }

  /** The progress last reported. */
  get progressValue(): unknown {
    return valueOf(this.#record.progress ?? '');
  }
}

function valueOf(text: string): unknown {
  const decoded = decodePayload(text);
  return decoded.ok ? decoded.value : undefined;
}

function asDate(ms: number | undefined): Date | undefined {
  return ms === undefined ? undefined : new Date(ms);
}
