import { JobsError } from '../jobs-error.js';

/** A job was to depend on one that does not exist (code `DEPENDENCY_NOT_FOUND`). It was not added, nor changed. */
export class DependencyNotFoundError extends JobsError {
  static {
    this.prototype.name = 'DependencyNotFoundError';
  }

  readonly queue: string;
  readonly jobId: string;
  /** As `id`, or `queue/id` where it was looked for in another queue. */
  readonly dependency: string;

  constructor(queue: string, jobId: string, dependency: string) {
    super(
      'DEPENDENCY_NOT_FOUND',
      `Job ${queue}/${jobId} was to depend on job ${dependency}, which does not exist: it was never added, or it was removed or pruned after its end. Add it first (or in the same addMany()), or pass missingDependency: 'done'.`,
    );
    this.queue = queue;
    this.jobId = jobId;
    this.dependency = dependency;
  }

  static override is(value: unknown): value is DependencyNotFoundError {
    return JobsError.is(value, 'DEPENDENCY_NOT_FOUND');
  }
}
