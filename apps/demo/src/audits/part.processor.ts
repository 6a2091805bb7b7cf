import {
  ActiveJob,
  InjectQueue,
  JobRun,
  OnJob,
  OnJobPermanentFailure,
  Processor,
  type QueueOf,
} from '@millrace/nestjs';

import type { ReportPart } from '../audit/report.js';
import { Audits, jobIds, type PackageJob, Packages, type PartJob } from './audit-jobs.js';
import { AuditProgressService } from './audit-progress.service.js';
import { AuditStore } from './audit-store.js';

/** Gathers what came of the packages of a part. A queue may have several processors: they share its worker. */
@Processor(Audits)
export class PartProcessor {
  constructor(
    private readonly store: AuditStore,
    private readonly progress: AuditProgressService,
    @InjectQueue(Packages) private readonly packages: QueueOf<typeof Packages>,
  ) {}

  /** Depends on the jobs of its packages, so each of them was read or given up when it runs. Its result is read by the report. */
  @OnJob(Audits.jobs.part, { maxAttempts: 3 })
  async part(job: ActiveJob<PartJob>): Promise<ReportPart> {
    const { audit, folder, packages } = job.data;
    const { audited, missing } = await this.store.outcomes(audit, packages);
    const unread = [];
    for (const one of missing) {
      const given = { location: one.location, reason: await this.reasonOf({ audit, folder, package: one }) };
      await this.store.keepUnread(audit, one.key, given);
      unread.push(given);
    }
    return { audited, unread };
  }

  /** The report fails with a part, in Redis and in no process: so the end is told here. */
  @OnJobPermanentFailure()
  async failed(run: JobRun<PartJob>, error: Error): Promise<void> {
    await this.progress.end(run.data.audit, `The job "${run.name}" failed: ${error.message}`);
  }

  /** What the job threw at last that gave the package up. */
  private async reasonOf(data: PackageJob): Promise<string> {
    const inspect = await this.packages.get(jobIds.inspect(data));
    const digest = await this.packages.get(jobIds.digest(data));
    return (inspect?.error ?? digest?.error)?.message ?? 'Its jobs are not known any more.';
  }
}
