import { Injectable } from '@nestjs/common';

import { AuditStore } from './audit-store.js';
import { type AuditStatus, endedStatus, hasEnded, runningStatus } from './audit-status.js';

/** Knows how far an audit is, and closes it. */
@Injectable()
export class AuditProgressService {
  constructor(private readonly store: AuditStore) {}

  /** Nothing when there is no such audit. */
  async status(id: string): Promise<AuditStatus | undefined> {
    const record = await this.store.record(id);
    if (record === undefined) return undefined;
    // What is known of packages is read before what was found and is removed after the end was written, so no status is torn.
    const progress = await this.store.progress(id);
    const found = await this.store.found(id);
    return (await this.store.ended(id)) ?? runningStatus(record, found, progress);
  }

  /** Ends an audit: well when nothing is said of a failure. An audit that has ended stays as it is. */
  async end(id: string, failure?: string): Promise<void> {
    const status = await this.status(id);
    if (status !== undefined && !hasEnded(status)) await this.store.end(id, endedStatus(status, new Date(), failure));
  }
}
