import { Injectable } from '@nestjs/common';
import { InjectQueue, type QueueOf } from '@millrace/nestjs';

import { type AuditJob, Audits, jobIds } from './audit-jobs.js';
import { AuditStore } from './audit-store.js';
import { type AuditStatus, endedStatus, hasEnded, isComplete, runningStatus } from './audit-status.js';

/** Knows how far an audit is, and takes it to its end. */
@Injectable()
export class AuditProgressService {
  constructor(
    private readonly store: AuditStore,
    @InjectQueue(Audits) private readonly audits: QueueOf<typeof Audits>,
  ) {}

  /** Nothing when there is no such audit. */
  async status(id: string): Promise<AuditStatus | undefined> {
    const record = await this.store.record(id);
    if (record === undefined) return undefined;
    // What is known of packages is read before what was found and is removed after the end was written, so no status is torn.
    const progress = await this.store.progress(id);
    const found = await this.store.found(id);
    return (await this.store.ended(id)) ?? runningStatus(record, found, progress);
  }

  /**
   * Adds the report when the last package is done. Several jobs may see themselves as the last one; the report's id makes
   * one job of it. Nobody overlooks the end: each writes its own outcome before it looks.
   */
  async reportWhenComplete(job: AuditJob): Promise<void> {
    const found = await this.store.found(job.audit);
    if (found === undefined || !isComplete(found, await this.store.progress(job.audit))) return;
    await this.audits.add('report', { audit: job.audit, folder: job.folder }, { id: jobIds.report(job) });
  }

  /** Ends an audit: well when nothing is said of a failure. An audit that has ended stays as it is. */
  async end(id: string, failure?: string): Promise<void> {
    const status = await this.status(id);
    if (status !== undefined && !hasEnded(status)) await this.store.end(id, endedStatus(status, new Date(), failure));
  }
}
