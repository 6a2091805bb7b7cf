import { Logger } from '@nestjs/common';
import { ActiveJob, JobRun, OnJob, OnJobPermanentFailure, OnJobSuccess, Processor } from '@millrace/nestjs';

import { findInstalledPackages } from '../audit/installed-packages.js';
import { type AuditReport, foldReport, type ReportPart } from '../audit/report.js';
import { type AuditJob, Audits } from './audit-jobs.js';
import { AuditPlan } from './audit-plan.js';
import { AuditProgressService } from './audit-progress.service.js';
import { AuditStore } from './audit-store.js';
import { FindingsService } from './findings.service.js';

/** Begins and ends an audit: finds the packages, and makes the report of its parts. */
@Processor(Audits)
export class AuditProcessor {
  private readonly logger = new Logger(AuditProcessor.name);

  constructor(
    private readonly store: AuditStore,
    private readonly plan: AuditPlan,
    private readonly progress: AuditProgressService,
    private readonly findings: FindingsService,
  ) {}

  @OnJob(Audits.jobs.scan, { maxAttempts: 3 })
  async scan(job: ActiveJob<AuditJob>): Promise<{ packages: number }> {
    const { audit, folder } = job.data;
    // A scan that runs again goes by what the first one found, and adds jobs that are there already: nothing happens twice.
    const known = await this.store.found(audit);
    const { packages } = known ?? (await this.store.keepFound(audit, await findInstalledPackages(folder)));
    for await (const added of this.plan.add(job.data, packages)) await job.progress({ added, of: packages.length });
    return { packages: packages.length };
  }

  /** Depends on the parts, so all of them are there when it runs. */
  @OnJob(Audits.jobs.report, { maxAttempts: 3 })
  async report(job: ActiveJob<AuditJob>): Promise<AuditReport['totals']> {
    const { audit } = job.data;
    const made = await this.store.report(audit);
    const report = made ?? (await this.fold(job));
    if (made === undefined) await this.store.keepReport(audit, report);
    await this.findings.tell(audit, report);
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

  private async fold(job: ActiveJob<AuditJob>): Promise<AuditReport> {
    const { audit, folder } = job.data;
    const found = await this.store.found(audit);
    if (found === undefined) throw new Error(`Nothing is known of the packages of audit ${audit}.`);
    const results = [...(await job.results())].map(({ result }) => result as ReportPart | undefined);
    const parts = results.filter((part) => part !== undefined);
    const missing = found.packages.length - parts.flatMap(({ audited, unread }) => [...audited, ...unread]).length;
    if (missing > 0) throw new Error(`${missing} packages of audit ${audit} are in no part.`);
    return foldReport({
      folder,
      audited: parts.flatMap(({ audited }) => audited),
      unread: parts.flatMap(({ unread }) => unread),
      workspaces: found.workspaces,
    });
  }
}
