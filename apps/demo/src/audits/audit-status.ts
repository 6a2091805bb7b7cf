import type { InstalledPackages } from '../audit/installed-packages.js';
import { partsOf } from './audit-parts.js';

/** How far an audit is: its packages are looked for, then read, then the report is made; or it could not go on. */
export type AuditState = 'scanning' | 'auditing' | 'reporting' | 'finished' | 'failed';

/** What an audit is begun with. */
export interface AuditRecord {
  readonly id: string;
  readonly folder: string;
  /** ISO 8601. */
  readonly startedAt: string;
}

/** What anybody may know of an audit while it runs: the answer of `GET /audits/:id` and of its events. */
export interface AuditStatus extends AuditRecord {
  readonly state: AuditState;
  /** ISO 8601; `null` while the audit runs. */
  readonly finishedAt: string | null;
  /** `null` until the scan is done. */
  readonly packages: number | null;
  readonly inspected: number;
  readonly digested: number;
  /** Packages that were given up. */
  readonly unread: number;
  /** Jobs that have ended, of those that the audit takes as far as is known by now. */
  readonly jobsDone: number;
  readonly jobsTotal: number;
  /** Why the audit failed, in a sentence; `null` otherwise. */
  readonly failure: string | null;
}

/** Keys of packages, by what has happened to them. */
export interface AuditProgress {
  readonly inspected: ReadonlySet<string>;
  readonly digested: ReadonlySet<string>;
  readonly unread: ReadonlySet<string>;
}

/** Whether nothing more will happen. */
export function hasEnded({ state }: AuditStatus): boolean {
  return state === 'finished' || state === 'failed';
}

/** The status of an audit that has not ended. */
export function runningStatus(
  record: AuditRecord,
  found: InstalledPackages | undefined,
  progress: AuditProgress,
): AuditStatus {
  const { inspected, digested, unread } = progress;
  const packages = found?.packages.length ?? null;
  const givenUp = Array.from(unread).filter((key) => !digested.has(key));
  // Of a package that was given up both jobs have ended: one failed, or the other was cancelled with it.
  const ended = new Set([...digested, ...givenUp]);
  const halfWay = Array.from(inspected).filter((key) => !ended.has(key)).length;
  return {
    ...record,
    state: packages === null ? 'scanning' : ended.size < packages ? 'auditing' : 'reporting',
    finishedAt: null,
    packages,
    inspected: inspected.size,
    digested: digested.size,
    unread: givenUp.length,
    jobsDone: (packages === null ? 0 : 1) + 2 * ended.size + halfWay,
    jobsTotal: 2 + 2 * (packages ?? 0) + partsOf(packages ?? 0),
    failure: null,
  };
}

/** The status with which an audit ends: well when nothing is said of a failure. */
export function endedStatus(status: AuditStatus, at: Date, failure: string | null = null): AuditStatus {
  const finishedAt = at.toISOString();
  if (failure !== null) return { ...status, state: 'failed', finishedAt, failure };
  return { ...status, state: 'finished', finishedAt, jobsDone: status.jobsTotal };
}
