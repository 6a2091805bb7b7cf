import type { AuditReport } from '../../../apps/demo/src/audit/report.ts';
import type { PlainCount } from './plain-count.ts';

/** A report in the terms of the plain count, so that the two can be compared. */
export function counted({ totals, packages, duplicates, licences }: AuditReport): PlainCount {
  const stated = packages.filter((line) => line.licenceSource === 'manifest');
  const statedOf = (licence: string | null) => stated.filter((line) => line.licence === licence).length;
  return {
    packages: totals.packages,
    files: totals.files,
    bytes: totals.bytes,
    digests: Object.fromEntries(packages.map((line) => [line.location, line.sha512])),
    duplicates: Object.fromEntries(
      duplicates.map(({ name, versions }) => [name, versions.map(({ version }) => version ?? '').sort()]),
    ),
    statedLicences: Object.fromEntries(
      licences.map(({ licence }) => [licence ?? '', statedOf(licence)] as const).filter(([, count]) => count > 0),
    ),
  };
}
