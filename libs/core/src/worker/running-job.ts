import { encodePayload, decodePayload } from '../job/payload.js';
import { ActiveJob, type NextJob } from '../job/active-job.js';
import type { DependencyResults } from '../job/dependency-results.js';
import { JobRun } from '../job/job-run.js';
import type { Onward } from '../job/onward.js';
import type { MovePatch } from '../options/index.js';
import type { Jsonify } from '../types/index.js';
import type { Attempt } from './attempt.js';

const NO_TAGS: readonly string[] = Object.freeze([]);
const NO_META: Readonly<Record<string, string>> = Object.freeze({});

/** The job as its handler sees it. */
export class RunningJob extends ActiveJob {
  readonly #attempt: Attempt;
  data: Jsonify<unknown>;
  #steps: Map<string, Promise<string>> | undefined;
  #results: Promise<DependencyResults> | undefined;
  #run: JobRun | undefined;
  #progress: { readonly value: unknown } | undefined;

  constructor(attempt: Attempt, data: unknown) {
    super();
    this.#attempt = attempt;
    this.data = data;
  }

  get id(): string {
    return this.#attempt.hold.id;
  }

  get name(): string {
    return this.#attempt.hold.envelope.name;
  }

  get queue(): string {
    return this.#attempt.queue;
  }

  get meta(): Readonly<Record<string, string>> {
    return this.#attempt.hold.envelope.options.meta ?? NO_META;
  }

  get failedJobId(): string | undefined {
    return this.#attempt.hold.envelope.options.failedJobId;
  }

  get scheduleId(): string | undefined {
    return this.#attempt.hold.envelope.options.scheduleId;
  }

  get scheduledFor(): Date | undefined {
    const { scheduledFor } = this.#attempt.hold.envelope.options;
    return scheduledFor === undefined ? undefined : new Date(scheduledFor);
  }

  get group(): string | undefined {
    return this.#attempt.hold.envelope.options.group;
  }

  get tags(): readonly string[] {
    return this.#attempt.hold.envelope.options.tags ?? NO_TAGS;
  }

  get priority(): number {
    const { header, envelope } = this.#attempt.hold;
    return header.priority ?? Number(/(?:^|,)p(-?\d+)/.exec(envelope.fields)?.[1] ?? 0);
  }

  get attempt(): number {
    return this.failures + this.stalls + 1;
  }

  get maxAttempts(): number {
    return this.#attempt.policy.maxAttempts;
  }

  get failures(): number {
    return this.#attempt.hold.header.failures;
  }

  get stalls(): number {
    return this.#attempt.hold.header.stalls;
  }

  get redelivered(): boolean {
    return this.#attempt.hold.header.isSuspect;
  }

  get createdAt(): Date {
    return new Date(this.#attempt.hold.envelope.createdAt);
  }

  get runAt(): Date | undefined {
    const { createdAt, options } = this.#attempt.hold.envelope;
    if (options.runAt !== undefined) return new Date(options.runAt);
    if (options.scheduledFor !== undefined) return new Date(options.scheduledFor);
    return options.delayMs === undefined ? undefined : new Date(createdAt + options.delayMs);
  }

  get signal(): AbortSignal {
    return this.#attempt.signal;
  }

  get context(): unknown {
    return this.#attempt.shared;
  }

  get run(): JobRun {
    this.#run ??= new RunOfJob(this, () => this.#attempt.signal);
    return this.#run;
  }

  get progressValue(): unknown {
    return this.#progress?.value;
  }

  /** Reads what earlier attempts noted, so that it is at hand when the handler asks. */
  async recall(): Promise<void> {
    const noted = (await this.#attempt.notes.recall())?.get('p');
    if (noted !== undefined) this.#progress = { value: valueOf(noted) };
  }

  async progress(value: unknown): Promise<void> {
    const subject = `Progress of job ${this.queue}/${this.id}`;
    const text = encodePayload(value, { ...this.#attempt.limits, subject, root: 'progress' });
    await this.#attempt.notes.progress(text);
    this.#progress = { value };
  }

  async log(text: string): Promise<void> {
    await this.#attempt.notes.log(text);
  }

  async checkpoint(data: unknown): Promise<void> {
    const subject = `Checkpoint of job ${this.queue}/${this.id}`;
    await this.#attempt.notes.checkpoint(encodePayload(data, { ...this.#attempt.limits, subject }));
  }

  extend(ms?: number): void {
    this.#attempt.extend(ms);
  }

  ttlMs(): number | undefined {
    return this.#attempt.ttlMs();
  }

  async step<T>(name: string, fn: () => T | Promise<T>): Promise<T> {
    // Asked for twice, even at once, it runs once; one that failed may be tried again.
    const steps = (this.#steps ??= new Map());
    const known = steps.get(name);
    const text = known ?? this.#takeStep(name, fn);
    if (known === undefined) steps.set(name, text);
    try {
      return valueOf(await text) as T;
    } catch (error) {
      steps.delete(name);
      throw error;
    }
  }

  results(): Promise<DependencyResults> {
    this.#results ??= this.#attempt.results().catch((error: unknown) => {
      this.#results = undefined;
      throw error;
    });
    return this.#results;
  }

  moveTo(queue: string, data?: unknown, options: Omit<MovePatch, 'data'> = {}): Promise<Onward<never>> {
    return this.#attempt.onwards.move(this.id, queue, { ...options, data });
  }

  completeWith<R>(result: R, next: NextJob): Promise<Onward<R>> {
    return this.#attempt.onwards.follow(this.id, result, next);
  }

  async #takeStep(name: string, fn: () => unknown): Promise<string> {
    const { notes, limits } = this.#attempt;
    const recorded = await notes.recordedStep(name);
    if (recorded !== undefined) return recorded;
    const subject = `Step "${name}" of job ${this.queue}/${this.id}`;
    return notes.recordStep(name, encodePayload(await fn(), { ...limits, subject, root: 'step' }));
  }
}

/** What there is to say of a run. */
export type RunFacts = Pick<
  JobRun,
  'id' | 'name' | 'queue' | 'data' | 'meta' | 'attempt' | 'maxAttempts' | 'failures' | 'stalls' | 'createdAt'
>;

/** A run of a job as hooks see it: what the job says, without its powers. */
export class RunOfJob extends JobRun {
  readonly id: string;
  readonly name: string;
  readonly queue: string;
  readonly data: Jsonify<unknown>;
  readonly meta: Readonly<Record<string, string>>;
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly failures: number;
  readonly stalls: number;
  readonly createdAt: Date;
  readonly #signal: (() => AbortSignal) | undefined;

  constructor(job: RunFacts, signal?: () => AbortSignal) {
    super();
    this.id = job.id;
    this.name = job.name;
    this.queue = job.queue;
    this.data = job.data;
    this.meta = job.meta;
    this.attempt = job.attempt;
    this.maxAttempts = job.maxAttempts;
    this.failures = job.failures;
    this.stalls = job.stalls;
    this.createdAt = job.createdAt;
    this.#signal = signal;
  }

  get signal(): AbortSignal | undefined {
    return this.#signal?.();
  }
}

function valueOf(text: string): unknown {
  const decoded = decodePayload(text);
  return decoded.ok ? decoded.value : undefined;
}
