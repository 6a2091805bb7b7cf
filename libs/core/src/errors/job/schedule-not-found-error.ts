import { JobsError } from '../jobs-error.js';

/** No schedule of the queue has this id (code `SCHEDULE_NOT_FOUND`). */
export class ScheduleNotFoundError extends JobsError {
  static {
    this.prototype.name = 'ScheduleNotFoundError';
  }

  readonly queue: string;
  readonly scheduleId: string;

  constructor(queue: string, scheduleId: string) {
    super(
      'SCHEDULE_NOT_FOUND',
      `Schedule ${queue}/${scheduleId} does not exist: it was never declared here, or unschedule() deleted it.`,
    );
    this.queue = queue;
    this.scheduleId = scheduleId;
  }

  static override is(value: unknown): value is ScheduleNotFoundError {
    return JobsError.is(value, 'SCHEDULE_NOT_FOUND');
  }
}
