import { sleep, type Clock, type Timer } from '../clock/index.js';
import { describeError } from '../errors/index.js';
import type { HealthReport, Logger, QueueReport, ResolvedHealth, WorkerState } from '../options/index.js';
import { listJobs } from '../queue/listing.js';
import type { Connection } from '../redis/index.js';
import type { Consumer } from './consumer.js';
import { LoopDelay } from './loop-delay.js';
import { paceOf } from './pace.js';

/** What is looked at. */
export interface HealthSubject {
  readonly connection: Connection;
  readonly consumers: readonly Consumer[];
  readonly state: WorkerState;
}

/** An answer that takes longer counts as none. */
const ANSWER_MS = 2_000;
/** How long ago the last answer may be of which a worker with room for jobs should have had two since; see `paceOf`. */
const UNANSWERED_MS = 15_000;
/** How late the event loop has to be before that is a problem: leases of other queues depend on no less. */
const LATE_MS = 1_000;

/** Looks at a worker: whether Redis answers, its leases hold, its event loop runs, and how far its queues are behind. */
export class HealthCheck {
  readonly #subject: HealthSubject;
  readonly #options: ResolvedHealth;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #delay = new LoopDelay();
  #timer: Timer | undefined;
  #isStopped = false;

  constructor(subject: HealthSubject, options: ResolvedHealth, logger: Logger) {
    this.#subject = subject;
    this.#options = options;
    this.#logger = logger;
    this.#clock = subject.connection.clock;
  }

  /** Looks again and again, if anybody wants to hear of it. */
  start(): void {
    if (this.#options.onCheck === undefined || this.#isStopped) return;
    this.#delay.start();
    this.#schedule();
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.clear();
    this.#delay.stop();
  }

  /** Tells of a new state. */
  became(state: WorkerState, before: WorkerState): void {
    this.#tell('onState', () => this.#options.onState?.(state, before));
  }

  /** Looks once. Never rejects: what does not answer is a problem. */
  async look(): Promise<HealthReport> {
    const { connection, consumers } = this.#subject;
    const from = performance.now();
    const isReachable = await this.#answered(connection.client.ping());
    const redisMs = isReachable === undefined ? undefined : performance.now() - from;
    const queues = await Promise.all(consumers.map((consumer) => this.#lookAt(consumer, redisMs !== undefined)));
    const eventLoopDelayMs = this.#delay.take();
    const problems = [
      ...(redisMs === undefined ? [silence(connection)] : []),
      ...queues
        .filter(({ isLeaseGood }) => !isLeaseGood)
        .map(({ queue }) => `There is no sure lease on queue "${queue}".`),
      ...queues.flatMap(({ queue, fault }) =>
        fault === undefined ? [] : [`A call on queue "${queue}" failed: ${fault}`],
      ),
      ...this.#unanswered(queues),
      ...((eventLoopDelayMs ?? 0) > LATE_MS ? [`The event loop was blocked for ${eventLoopDelayMs} ms.`] : []),
    ];
    const { state } = this.#subject;
    return { isHealthy: problems.length === 0, problems, state, redisMs, eventLoopDelayMs, queues };
  }

  async #lookAt(consumer: Consumer, isReachable: boolean): Promise<QueueReport> {
    const { facts, epoch } = consumer;
    const lagMs = isReachable ? await this.#lagOf(consumer) : undefined;
    return { ...facts, leaseAgeMs: epoch?.permit.ageMs, isLeaseGood: epoch?.permit.isGood === true, lagMs };
  }

  /** Redis may answer all but the one question that matters. A worker with room asks every six seconds at least. */
  #unanswered(queues: readonly QueueReport[]): string[] {
    const now = this.#clock.now();
    const limitMs = paceOf(queues.length) * UNANSWERED_MS;
    return queues.flatMap(({ queue, wantsJobs, lastAnswerAt }) => {
      const ms = lastAnswerAt === undefined ? 0 : now - lastAnswerAt;
      if (!wantsJobs || ms <= limitMs) return [];
      return [`Queue "${queue}" was asked for jobs with success ${Math.round(ms / 1_000)} s ago for the last time.`];
    });
  }

  async #lagOf({ context }: Consumer): Promise<number | undefined> {
    const page = await this.#answered(listJobs(context, 'waiting', { limit: 1 }));
    if (page === undefined) return undefined;
    const [job] = page.jobs;
    if (job === undefined) return 0;
    return Math.max(0, this.#clock.now() - Math.max(job.createdAt.getTime(), job.runAt?.getTime() ?? 0));
  }

  /** The answer, or `undefined` if it does not come in time. */
  async #answered<T>(asked: Promise<T>): Promise<T | undefined> {
    const enough = new AbortController();
    const late = sleep(this.#clock, ANSWER_MS, { signal: enough.signal, unref: true }).then(
      () => undefined,
      () => undefined,
    );
    try {
      return await Promise.race([asked, late]);
    } catch {
      return undefined;
    } finally {
      enough.abort();
    }
  }

  #schedule(): void {
    const look = async (): Promise<void> => {
      const report = await this.look();
      if (this.#isStopped) return;
      this.#tell('onCheck', () => this.#options.onCheck?.(report));
      this.#schedule();
    };
    this.#timer = this.#clock.setTimer(this.#options.everyMs, () => void look(), { unref: true, background: true });
  }

  #tell(name: string, tell: () => unknown): void {
    const failed = (error: unknown): void =>
      this.#logger.error(`health.${name} threw: ${describeError(error).message}. The worker goes on.`);
    try {
      const told = tell();
      if (told instanceof Promise) told.catch(failed);
    } catch (error) {
      failed(error);
    }
  }
}

function silence({ description, trouble }: Connection): string {
  return `Redis (${description}) does not answer${trouble === undefined ? '' : `: ${trouble.replace(/\.$/, '')}`}.`;
}
