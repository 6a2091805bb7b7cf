import { JobsError } from '../jobs-error.js';

/** The worker of the job vanished while it ran, once more than `maxStalls` allows (code `JOB_STALLED`). */
export class JobStalledError extends JobsError {
  static {
    this.prototype.name = 'JobStalledError';
  }

  readonly queue: string;
  readonly jobId: string;
  readonly stalls: number;

  constructor(queue: string, jobId: string, stalls: number) {
    super(
      'JOB_STALLED',
      `Job ${queue}/${jobId} was running ${stalls} times when its worker vanished. Look for what kills the process when it runs this job (memory, a native crash, process.exit).`,
    );
    this.queue = queue;
    this.jobId = jobId;
    this.stalls = stalls;
  }

  static override is(value: unknown): value is JobStalledError {
    return JobsError.is(value, 'JOB_STALLED');
  }
}
