import { defineQueue, job } from '@millrace/nestjs';

import type { Digest } from '../audit/digest.js';
import type { Inspection } from '../audit/inspection.js';
import type { InstalledPackage } from '../audit/installed-packages.js';
import type { AuditReport } from '../audit/report.js';

/** One audit, and the folder that it is about. */
export interface AuditJob {
  readonly audit: string;
  readonly folder: string;
}

/** One package of an audit. */
export interface PackageJob extends AuditJob {
  readonly package: InstalledPackage;
}

/** An audit begins and ends with one job of this queue. */
export const Audits = defineQueue('audits', {
  scan: job<AuditJob>().returns<{ packages: number }>(),
  report: job<AuditJob>().returns<AuditReport['totals']>(),
});

/** Two jobs a package. They have a queue of their own, so that a second audit is scanned while the first is being read. */
export const Packages = defineQueue('packages', {
  inspect: job<PackageJob>().returns<Inspection>(),
  digest: job<PackageJob>().returns<Digest>(),
});

/**
 * The id of a job is made from what the job is about. A job may run twice (delivery is at least once), and what it adds is
 * added twice then; under the same id the second time changes nothing.
 */
export const jobIds = {
  scan: ({ audit }: AuditJob) => `${audit}:scan`,
  inspect: ({ audit, package: { key } }: PackageJob) => `${audit}:inspect:${key}`,
  digest: ({ audit, package: { key } }: PackageJob) => `${audit}:digest:${key}`,
  report: ({ audit }: AuditJob) => `${audit}:report`,
};

/** The audit that a job belongs to, from the job's id. */
export function auditOf(jobId: string): string {
  return jobId.slice(0, jobId.indexOf(':'));
}
