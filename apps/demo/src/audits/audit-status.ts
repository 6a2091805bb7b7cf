/** How far an audit is: its packages are looked for, then read, then the report is made; or it could not go on. */
export type AuditState = 'scanning' | 'auditing' | 'reporting' | 'finished' | 'failed';

/** What anybody may know of an audit while it runs: the answer of `GET /audits/:id` and of its events. */
export interface AuditStatus {
  readonly id: string;
  readonly folder: string;
  readonly state: AuditState;
  /** ISO 8601. */
  readonly startedAt: string;
  /** ISO 8601; `null` until the report stands. */
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

/** Whether nothing more will happen. */
export function hasEnded({ state }: AuditStatus): boolean {
  return state === 'finished' || state === 'failed';
}
