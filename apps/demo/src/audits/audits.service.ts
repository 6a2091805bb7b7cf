import { randomBytes } from 'node:crypto';

import { Injectable } from '@nestjs/common';
import { InjectQueue, type QueueOf } from '@millrace/nestjs';
import {
  concatMap,
  distinctUntilChanged,
  filter,
  interval,
  merge,
  type Observable,
  of,
  takeWhile,
  throttleTime,
} from 'rxjs';

import type { AuditReport } from '../audit/report.js';
import { AuditActivity } from './audit-activity.js';
import { Audits, jobIds } from './audit-jobs.js';
import { AuditProgressService } from './audit-progress.service.js';
import { type AuditStatus, hasEnded } from './audit-status.js';
import { AuditStore } from './audit-store.js';

/** How often a watcher is told at most, and how soon it learns of what no event told. */
const LEAST_MS = 150;
const ANYWAY_MS = 1_000;

/** What the rest of the application can do with audits: start one, ask for it, watch it. */
@Injectable()
export class AuditsService {
  constructor(
    private readonly store: AuditStore,
    private readonly progress: AuditProgressService,
    private readonly activity: AuditActivity,
    @InjectQueue(Audits) private readonly audits: QueueOf<typeof Audits>,
  ) {}

  /** Starts the audit of a folder that was checked before, and returns at once. */
  async start(folder: string): Promise<AuditStatus> {
    const audit = randomBytes(6).toString('hex');
    await this.store.begin({ id: audit, folder, startedAt: new Date().toISOString() });
    await this.audits.add('scan', { audit, folder }, { id: jobIds.scan({ audit, folder }) });
    return (await this.progress.status(audit))!;
  }

  /** Nothing when there is no such audit. */
  status(id: string): Promise<AuditStatus | undefined> {
    return this.progress.status(id);
  }

  /** Nothing until the audit has finished. */
  report(id: string): Promise<AuditReport | undefined> {
    return this.store.report(id);
  }

  /** The newest audits, the newest first. */
  async recent(limit = 10): Promise<AuditStatus[]> {
    const records = (await this.store.records()).slice(0, limit);
    const statuses = await Promise.all(records.map(({ id }) => this.progress.status(id)));
    return statuses.filter((status) => status !== undefined);
  }

  /**
   * The status of an audit now and at every change; completes when the audit ends. Events only say when to look (one may be
   * missed), what is told comes from the store.
   */
  watch(id: string): Observable<AuditStatus> {
    return merge(of(id), this.activity.of(id), interval(ANYWAY_MS)).pipe(
      throttleTime(LEAST_MS, undefined, { leading: true, trailing: true }),
      concatMap(() => this.progress.status(id)),
      filter((status) => status !== undefined),
      distinctUntilChanged((a, b) => JSON.stringify(a) === JSON.stringify(b)),
      takeWhile((status) => !hasEnded(status), true),
    );
  }
}
