import { Logger } from '@nestjs/common';
import {
  ActiveJob,
  InjectQueue,
  JobRun,
  OnJob,
  OnJobPermanentFailure,
  OnJobSuccess,
  Processor,
  type QueueOf,
} from '@millrace/nestjs';

import { findInstalledPackages } from '../audit/installed-packages.js';
import { type AuditReport, foldReport } from '../audit/report.js';
import { type AuditJob, Audits, jobIds, Packages } from './audit-jobs.js';
import { AuditProgressService } from './audit-progress.service.js';
import { AuditStore } from './audit-store.js';

/** Jobs that are added with one command: a large folder does not make one command that keeps Redis busy. */
const BATCH = 500;

/** Begins and ends an audit: finds the packages, and makes the report when all of them have been read. */
@Processor(Audits)
export class AuditProcessor {
  private readonly logger = new Logger(AuditProcessor.name);

  constructor(
    private readonly store: AuditStore,
    private readonly progress: AuditProgressService,
    @InjectQueue(Packages) private readonly packages: QueueOf<typeof Packages>,
  ) {}

  @OnJob(Audits.jobs.scan, { maxAttempts: 3 })
  async scan(job: ActiveJob<AuditJob>): Promise<{ packages: number }> {
    const { audit, folder } = job.data;
    // A scan that runs again goes by what the first one found, and adds jobs that are there already: nothing happens twice.
    const known = await this.store.found(audit);
    const { packages } = known ?? (await this.store.keepFound(audit, await findInstalledPackages(folder)));
    for (let start = 0; start < packages.length; start += BATCH) {
      const batch = packages.slice(start, start + BATCH).map((one) => ({ audit, folder, package: one }));
      await this.packages.addMany(
        batch.map((data) => ({ name: 'inspect', data, options: { id: jobIds.inspect(data) } })),
      );
      await job.progress({ added: start + batch.length, of: packages.length });
    }
    await this.progress.reportWhenComplete(job.data);
    return { packages: packages.length };
  }

  @OnJob(Audits.jobs.report, { maxAttempts: 3 })
  async report(job: ActiveJob<AuditJob>): Promise<AuditReport['totals']> {
    const { audit, folder } = job.data;
    const made = await this.store.report(audit);
    const report = made ?? (await this.fold(audit, folder));
    if (made === undefined) await this.store.keepReport(audit, report);
    await this.progress.end(audit);
    return report.totals;
  }

  @OnJobSuccess('scan')
  scanned(run: JobRun<AuditJob>, result: unknown): void {
    const { packages } = result as { packages: number };
    this.logger.log(`Audit ${run.data.audit}: ${packages} packages in ${run.data.folder}`);
  }

  @OnJobSuccess('report')
  reported(run: JobRun<AuditJob>): void {
    this.logger.log(`Audit ${run.data.audit}: the report is ready`);
  }

  /** Without its scan or its report an audit cannot go on, so whoever watches it is told. */
  @OnJobPermanentFailure()
  async failed(run: JobRun<AuditJob>, error: Error): Promise<void> {
    await this.progress.end(run.data.audit, `The job "${run.name}" failed: ${error.message}`);
  }

  private async fold(audit: string, folder: string): Promise<AuditReport> {
    const found = await this.store.found(audit);
    if (found === undefined) throw new Error(`Nothing is known of the packages of audit ${audit}.`);
    const { audited, unread } = await this.store.outcomes(audit, found);
    const missing = found.packages.length - audited.length - unread.length;
    if (missing > 0) throw new Error(`${missing} packages of audit ${audit} have not been read yet.`);
    return foldReport({ folder, audited, unread, workspaces: found.workspaces });
  }
}
