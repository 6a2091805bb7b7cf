import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import type { JobsHooks } from '@millrace/nestjs';

/** Counts what this process does with jobs, by hooks that hear of every job, whatever its queue. */
@Injectable()
export class JobTally implements BeforeApplicationShutdown {
  private readonly logger = new Logger(JobTally.name);
  private readonly counts = { started: 0, succeeded: 0, failed: 0, timedOut: 0, givenUp: 0 };

  /** Handed to `JobsModule.forRoot({ hooks })`. */
  readonly hooks: JobsHooks = {
    onStart: () => void (this.counts.started += 1),
    onSuccess: () => void (this.counts.succeeded += 1),
    onFailure: () => void (this.counts.failed += 1),
    onTimeout: () => void (this.counts.timedOut += 1),
    onPermanentFailure: () => void (this.counts.givenUp += 1),
  };

  beforeApplicationShutdown(): void {
    const { started, succeeded, failed, timedOut, givenUp } = this.counts;
    if (started === 0) return;
    this.logger.log(
      `${started} attempts: ${succeeded} succeeded, ${failed} failed, ${timedOut} timed out; ${givenUp} jobs given up`,
    );
  }
}
