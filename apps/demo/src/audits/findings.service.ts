import { Injectable } from '@nestjs/common';
import { InjectQueue, type QueueOf } from '@millrace/nestjs';

import { findingsOf } from '../audit/findings.js';
import type { AuditReport } from '../audit/report.js';
import { jobIds, Office } from './audit-jobs.js';

/** How long somebody waits who wants to know that all was told. */
const PATIENCE_MS = 30_000;

/** What somebody should know of an audit. Each finding is a job of its own; the messages gather them. */
@Injectable()
export class FindingsService {
  constructor(@InjectQueue(Office) private readonly office: QueueOf<typeof Office>) {}

  /** Adds a job for each finding. A second time nothing happens. */
  async tell(audit: string, report: AuditReport): Promise<void> {
    await this.office.addMany(
      findingsOf(report).map((text, number) => ({
        name: 'finding',
        data: { audit, text },
        options: { id: jobIds.finding({ audit, text }, number) },
      })),
    );
  }

  /** Waits until all findings of a report were told, without waiting for more of them, and says in how many messages. */
  async told(audit: string, report: AuditReport): Promise<{ findings: number; messages: number }> {
    const findings = findingsOf(report);
    await this.office.batches.flush('finding', audit);
    const results = await Promise.all(
      findings.map((text, number) =>
        this.office.result<{ message: string }>(jobIds.finding({ audit, text }, number), { timeoutMs: PATIENCE_MS }),
      ),
    );
    const messages = new Set(results.map(({ message }) => message));
    return { findings: findings.length, messages: messages.size };
  }
}
