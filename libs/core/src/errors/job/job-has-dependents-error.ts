import { JobsError } from '../jobs-error.js';

/** A job was to be cancelled, and others that live depend on it (code `JOB_HAS_DEPENDENTS`). Nothing was cancelled. */
export class JobHasDependentsError extends JobsError {
  static {
    this.prototype.name = 'JobHasDependentsError';
  }

  readonly queue: string;
  readonly jobId: string;
  /** Ten of them at most; `queue.dependents(id)` lists all. */
  readonly dependents: readonly { readonly queue: string; readonly id: string }[];

  constructor(queue: string, jobId: string, dependents: readonly { readonly queue: string; readonly id: string }[]) {
    const named = dependents.map((job) => (job.queue === queue ? job.id : `${job.queue}/${job.id}`)).join(', ');
    super(
      'JOB_HAS_DEPENDENTS',
      `Job ${queue}/${jobId} cannot be cancelled: others wait for it (${named}). Cancel them in the same call, or say what becomes of them: { dependents: 'cascade' } cancels them, too, { dependents: 'policy' } lets each do what its onDependencyFailure says.`,
    );
    this.queue = queue;
    this.jobId = jobId;
    this.dependents = dependents;
  }

  static override is(value: unknown): value is JobHasDependentsError {
    return JobsError.is(value, 'JOB_HAS_DEPENDENTS');
  }
}
