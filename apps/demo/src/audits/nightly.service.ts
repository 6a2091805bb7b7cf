import { Injectable } from '@nestjs/common';
import { InjectQueue, type QueueOf } from '@millrace/nestjs';

import { Office } from './audit-jobs.js';

/** The schedule that `@Recurring()` declares: `<queue>/<job>`. */
const SCHEDULE = 'office/tidy';

/** What is done every night, for somebody who does not wait for the night. */
@Injectable()
export class NightlyService {
  constructor(@InjectQueue(Office) private readonly office: QueueOf<typeof Office>) {}

  /** Does it now, and says what it did and when it would have come by itself. */
  async now(): Promise<{ kept: number; removed: number; next: Date | undefined }> {
    const [next] = await this.office.nextRuns(SCHEDULE, 1);
    const { id } = await this.office.triggerNow(SCHEDULE);
    const done = await this.office.result<{ kept: number; removed: number }>(id);
    return { ...done, next };
  }
}
