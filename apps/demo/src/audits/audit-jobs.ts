import { defineQueue, job } from '@millrace/nestjs';

import type { Digest } from '../audit/digest.js';
import type { Inspection } from '../audit/inspection.js';
import type { InstalledPackage } from '../audit/installed-packages.js';
import type { AuditReport, ReportPart } from '../audit/report.js';

/** One audit, and the folder that it is about. */
export interface AuditJob {
  readonly audit: string;
  readonly folder: string;
}

/** One package of an audit. */
export interface PackageJob extends AuditJob {
  readonly package: InstalledPackage;
}

/** Some of the packages of an audit, and which part of the audit they are, from 0. */
export interface PartJob extends AuditJob {
  readonly part: number;
  readonly packages: readonly InstalledPackage[];
}

/** Something about an audit that somebody should be told. */
export interface FindingJob {
  readonly audit: string;
  readonly text: string;
}

/** Jobs can depend on jobs of another queue where both queues have the same slot. */
const SLOT = { slot: 'auditor' };

/** An audit begins and ends in this queue: its parts wait for their packages, and the report waits for the parts. */
export const Audits = defineQueue(
  'audits',
  {
    scan: job<AuditJob>().returns<{ packages: number }>(),
    part: job<PartJob>().returns<ReportPart>(),
    report: job<AuditJob>().returns<AuditReport['totals']>(),
  },
  SLOT,
);

/** Two jobs a package. They have a queue of their own, so that a second audit is scanned while the first is being read. */
export const Packages = defineQueue(
  'packages',
  {
    inspect: job<PackageJob>().returns<Inspection>(),
    digest: job<PackageJob>().returns<Digest>(),
  },
  SLOT,
);

/** What is not about one audit: messages to people, and what is done at night. */
export const Office = defineQueue('office', {
  finding: job<FindingJob>().returns<{ message: string }>(),
  tidy: job<object>().returns<{ kept: number; removed: number }>(),
});

/**
 * The id of a job is made from what the job is about. A job may run twice (delivery is at least once), and what it adds is
 * added twice then; under the same id the second time changes nothing.
 */
export const jobIds = {
  scan: ({ audit }: AuditJob) => `${audit}:scan`,
  inspect: ({ audit, package: { key } }: PackageJob) => `${audit}:inspect:${key}`,
  digest: ({ audit, package: { key } }: PackageJob) => `${audit}:digest:${key}`,
  part: ({ audit, part }: PartJob) => `${audit}:part:${part}`,
  report: ({ audit }: AuditJob) => `${audit}:report`,
  finding: ({ audit }: FindingJob, number: number) => `${audit}:finding:${number}`,
};

/** The audit that a job belongs to, from the job's id. */
export function auditOf(jobId: string): string {
  return jobId.slice(0, jobId.indexOf(':'));
}
