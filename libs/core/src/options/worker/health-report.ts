/** What a worker is doing. */
export type WorkerState = 'new' | 'starting' | 'running' | 'paused' | 'stopping' | 'stopped';

/** What is known of one queue in a worker. */
export interface ConsumerFacts {
  readonly queue: string;
  /** The identity under which it holds jobs now; `undefined` while it has none. */
  readonly epoch: string | undefined;
  readonly running: number;
  readonly buffered: number;
  /** Handlers that go on although their attempts are over. */
  readonly zombies: number;
  /** When the queue was last asked for jobs with success, in ms since 1970. */
  readonly lastAnswerAt: number | undefined;
  /** Whether it could take more jobs now, and so has asked for them or is about to. */
  readonly wantsJobs: boolean;
  /** What Redis refused the last call with; `undefined` once one has succeeded. */
  readonly fault: string | undefined;
}

/** One queue of a worker, when it was looked at. */
export interface QueueReport extends ConsumerFacts {
  /** How long ago the lease was renewed for the last time, in ms; `undefined` without one. */
  readonly leaseAgeMs: number | undefined;
  /** Whether the lease is sure, so that jobs may start. */
  readonly isLeaseGood: boolean;
  /** How long the job that comes next has been waiting, in ms; 0 if none waits, `undefined` where Redis did not say. */
  readonly lagMs: number | undefined;
}

/** What a worker found when it looked after itself. */
export interface HealthReport {
  /** True if there are no problems. */
  readonly isHealthy: boolean;
  /** Sentences about what is wrong. */
  readonly problems: readonly string[];
  readonly state: WorkerState;
  /** How long Redis took to answer, in ms; `undefined` if it did not. */
  readonly redisMs: number | undefined;
  /** The longest that the event loop was late since the last look, in ms; `undefined` where no look is repeated. */
  readonly eventLoopDelayMs: number | undefined;
  readonly queues: readonly QueueReport[];
}
