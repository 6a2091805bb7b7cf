import { ActiveJob, DependencyResults, type JobRun, type MovePatch, type NextJob, type Onward } from '@millrace/core';
import type { Jsonify } from '@millrace/core';
import { describeError } from '@millrace/core/internal';

/** What a test can say of a job; all else has values of a first attempt. */
export interface TestJobFacts {
  readonly id?: string;
  readonly name?: string;
  readonly queue?: string;
  readonly meta?: Readonly<Record<string, string>>;
  readonly failedJobId?: string;
  readonly scheduleId?: string;
  readonly scheduledFor?: Date;
  readonly tags?: readonly string[];
  readonly group?: string;
  readonly priority?: number;
  readonly attempt?: number;
  readonly maxAttempts?: number;
  readonly failures?: number;
  readonly stalls?: number;
  readonly redelivered?: boolean;
  readonly createdAt?: Date;
  readonly runAt?: Date;
  readonly signal?: AbortSignal;
  readonly context?: unknown;
  /** What the jobs returned on which it depends: all have completed. */
  readonly results?: readonly { readonly queue?: string; readonly id: string; readonly result: unknown }[];
}

/** A job of a test without Redis: what its handler did to it can be read off. */
export class TestJob<D = unknown> extends ActiveJob<D> {
  readonly id: string;
  readonly name: string;
  readonly queue: string;
  readonly data: Jsonify<D>;
  readonly meta: Readonly<Record<string, string>>;
  readonly failedJobId: string | undefined;
  readonly scheduleId: string | undefined;
  readonly scheduledFor: Date | undefined;
  readonly tags: readonly string[];
  readonly group: string | undefined;
  readonly priority: number;
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly failures: number;
  readonly stalls: number;
  readonly redelivered: boolean;
  readonly createdAt: Date;
  readonly runAt: Date | undefined;
  readonly signal: AbortSignal;
  readonly context: unknown;
  /** Each value that was given to `progress()`. */
  readonly progressed: unknown[] = [];
  /** Each text that was given to `log()`. */
  readonly lines: string[] = [];
  /** What was given to `checkpoint()`, latest last. */
  readonly checkpoints: Jsonify<D>[] = [];
  /** Where the handler has sent the job, or what it lets follow. */
  readonly onwards: (NextJob | (MovePatch & { readonly queue: string }))[] = [];
  readonly #results: NonNullable<TestJobFacts['results']>;
  readonly #steps = new Map<string, unknown>();

  constructor(data: D, facts: TestJobFacts = {}) {
    super();
    this.data = throughJson(data) as Jsonify<D>;
    this.id = facts.id ?? 'test-job';
    this.name = facts.name ?? 'test';
    this.queue = facts.queue ?? 'test';
    this.meta = facts.meta ?? {};
    this.failedJobId = facts.failedJobId;
    this.scheduleId = facts.scheduleId;
    this.scheduledFor = facts.scheduledFor;
    this.tags = facts.tags ?? [];
    this.group = facts.group;
    this.priority = facts.priority ?? 0;
    this.failures = facts.failures ?? 0;
    this.stalls = facts.stalls ?? 0;
    this.redelivered = facts.redelivered ?? this.stalls > 0;
    this.attempt = facts.attempt ?? this.failures + this.stalls + 1;
    this.maxAttempts = facts.maxAttempts ?? 10;
    this.createdAt = facts.createdAt ?? new Date();
    this.runAt = facts.runAt;
    this.signal = facts.signal ?? new AbortController().signal;
    this.context = facts.context;
    this.#results = facts.results ?? [];
  }

  /** What hooks get: the same facts, seen as a run. */
  get run(): JobRun<D> {
    return this as unknown as JobRun<D>;
  }

  get progressValue(): unknown {
    return this.progressed.at(-1);
  }

  async progress(value: unknown): Promise<void> {
    this.progressed.push(throughJson(value));
  }

  async log(text: string): Promise<void> {
    this.lines.push(text);
  }

  async checkpoint(data: Jsonify<D>): Promise<void> {
    this.checkpoints.push(throughJson(data) as Jsonify<D>);
  }

  extend(): void {}

  ttlMs(): number | undefined {
    return undefined;
  }

  async step<T>(name: string, fn: () => T | Promise<T>): Promise<T> {
    if (!this.#steps.has(name)) this.#steps.set(name, throughJson(await fn()));
    return this.#steps.get(name) as T;
  }

  async results(): Promise<DependencyResults> {
    const completed = { state: 'completed', isLost: false } as const;
    return new DependencyResults(
      this.queue,
      this.#results.map(({ queue = this.queue, id, result }) => ({
        ...completed,
        queue,
        id,
        result: throughJson(result),
      })),
    );
  }

  async moveTo(queue: string, data?: unknown, options: Omit<MovePatch, 'data'> = {}): Promise<Onward<never>> {
    this.onwards.push({ ...options, queue, ...(data !== undefined && { data }) });
    return undefined as never;
  }

  async completeWith<R>(result: R, next: NextJob): Promise<Onward<R>> {
    this.onwards.push(next);
    return result as never;
  }
}

/**
 * A job for a test that calls a handler as the method it is. Its data have been through JSON, as those of a real job have.
 *
 * @example expect(await new MailProcessor(mailer).welcome(createTestJob({ userId: '42' }))).toBe('sent');
 * @throws TypeError when JSON cannot keep the data
 */
export function createTestJob<D>(data: D, facts: TestJobFacts = {}): TestJob<D> {
  return new TestJob(data, facts);
}

function throughJson(value: unknown): unknown {
  try {
    const text = JSON.stringify(value) as string | undefined;
    return text === undefined ? undefined : JSON.parse(text);
  } catch (error) {
    throw new TypeError(`JSON cannot keep this: ${describeError(error).message}`, { cause: error });
  }
}
