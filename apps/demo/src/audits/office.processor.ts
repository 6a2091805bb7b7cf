import { Logger } from '@nestjs/common';
import { ActiveJob, OnJob, OnJobBatch, Processor, Recurring } from '@millrace/nestjs';

import { type FindingJob, Office } from './audit-jobs.js';
import { AuditStore } from './audit-store.js';

/** Audits that are kept, and the age from which the others are removed. */
const KEPT = 10;
const OLD_MS = 30 * 24 * 3_600_000;

/** Writes to people, and cleans up at night. */
@Processor(Office)
export class OfficeProcessor {
  private readonly logger = new Logger(OfficeProcessor.name);

  constructor(private readonly store: AuditStore) {}

  /**
   * Fifty findings are one message and not fifty: those of an audit are gathered, until none has come for a second or there
   * are a hundred. Here the message goes to the log; a mail would go out in its place.
   */
  @OnJobBatch(Office.jobs.finding, { maxSize: 100, graceMs: 1_000, key: ({ audit }: FindingJob) => audit })
  message(jobs: readonly ActiveJob<FindingJob>[]): PromiseSettledResult<{ message: string }>[] {
    const [{ id, data }] = jobs as [ActiveJob<FindingJob>];
    this.logger.log([`Audit ${data.audit}:`, ...jobs.map((job) => `- ${job.data.text}`)].join('\n'));
    // Each job has a result of its own: which message it is in.
    return jobs.map(() => ({ status: 'fulfilled', value: { message: `message of ${id}` } }));
  }

  /** Removes what nobody looks at any more, every night, in whichever process is there. */
  @OnJob(Office.jobs.tidy, { maxAttempts: 3 })
  @Recurring({ cron: '0 3 * * *', tz: 'Europe/Berlin' })
  async tidy(job: ActiveJob<object>): Promise<{ kept: number; removed: number }> {
    // The time that the job is for; there is none where somebody asked for it by hand.
    const now = job.scheduledFor ?? new Date();
    const records = await this.store.records();
    const old = records.slice(KEPT).filter(({ startedAt }) => now.getTime() - Date.parse(startedAt) > OLD_MS);
    for (const { id } of old) await this.store.remove(id);
    return { kept: records.length - old.length, removed: old.length };
  }
}
