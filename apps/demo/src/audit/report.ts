import type { Digest } from './digest.js';
import type { Inspection } from './inspection.js';
import type { InstalledPackage } from './installed-packages.js';

/** All that was learnt about one package. */
export interface AuditedPackage extends InstalledPackage {
  readonly inspection: Inspection;
  readonly digest: Digest;
}

/** A package that could not be read to the end. */
export interface UnreadPackage {
  readonly location: string;
  readonly reason: string;
}

/** What came of some of the packages. */
export interface ReportPart {
  readonly audited: readonly AuditedPackage[];
  readonly unread: readonly UnreadPackage[];
}

/** One line of the report's list of packages. */
export interface PackageLine extends Inspection, Digest {
  readonly location: string;
}

export interface LicenceLine {
  /** `null` gathers the packages without a licence. */
  readonly licence: string | null;
  readonly packages: number;
  readonly bytes: number;
}

/** A package that is installed in several versions. */
export interface DuplicateLine {
  readonly name: string;
  /** Sorted by version. */
  readonly versions: readonly { readonly version: string | null; readonly locations: readonly string[] }[];
}

/** One version of a package, installed in several places. */
export interface CopyLine {
  readonly name: string;
  readonly version: string | null;
  readonly locations: readonly string[];
  /** False when the places hold different files, which one published version should not. */
  readonly identical: boolean;
}

export interface AuditReport {
  readonly folder: string;
  readonly totals: {
    readonly packages: number;
    /** Packages counted once however many versions and copies there are. */
    readonly names: number;
    readonly files: number;
    readonly bytes: number;
  };
  /** Most used first. */
  readonly licences: readonly LicenceLine[];
  readonly withoutLicence: readonly PackageLine[];
  readonly duplicates: readonly DuplicateLine[];
  readonly copies: readonly CopyLine[];
  readonly workspaces: readonly string[];
  readonly unread: readonly UnreadPackage[];
  /** Every package, sorted by location. */
  readonly packages: readonly PackageLine[];
}

/** What a report is made from. The order of the lists does not matter. */
export interface ReportInput extends ReportPart {
  readonly folder: string;
  readonly workspaces: readonly string[];
}

/** Folds what was learnt into a report. Equal input gives an equal report, in whatever order the jobs finished. */
export function foldReport({ folder, audited, unread, workspaces }: ReportInput): AuditReport {
  const packages = audited
    .map(({ location, inspection, digest }): PackageLine => ({ location, ...inspection, ...digest }))
    .sort(by((line) => line.location));
  const byName = groupBy(packages, (line) => line.name);

  return {
    folder,
    totals: {
      packages: packages.length,
      names: byName.size,
      files: sum(packages, (line) => line.files),
      bytes: sum(packages, (line) => line.bytes),
    },
    licences: licenceLines(packages),
    withoutLicence: packages.filter((line) => line.licence === null),
    duplicates: Array.from(byName, ([name, lines]) => ({ name, versions: versionsOf(lines) }))
      .filter(({ versions }) => versions.length > 1)
      .sort(by((line) => line.name)),
    copies: Array.from(byName.values())
      .flatMap(copyLines)
      .sort(by((line) => `${line.name}@${line.version}`)),
    workspaces: [...workspaces].sort(),
    unread: [...unread].sort(by((line) => line.location)),
    packages,
  };
}

function licenceLines(packages: readonly PackageLine[]): LicenceLine[] {
  return Array.from(
    groupBy(packages, (line) => line.licence),
    ([licence, lines]) => ({
      licence,
      packages: lines.length,
      bytes: sum(lines, (line) => line.bytes),
    }),
  ).sort((a, b) => b.packages - a.packages || ((a.licence ?? '') < (b.licence ?? '') ? -1 : 1));
}

function versionsOf(lines: readonly PackageLine[]): DuplicateLine['versions'] {
  return Array.from(
    groupBy(lines, (line) => line.version),
    ([version, same]) => ({
      version,
      locations: same.map((line) => line.location),
    }),
  ).sort((a, b) => (a.version ?? '').localeCompare(b.version ?? '', 'en', { numeric: true }));
}

function copyLines(lines: readonly PackageLine[]): CopyLine[] {
  return Array.from(groupBy(lines, (line) => line.version).values())
    .filter((same) => same.length > 1)
    .map((same) => ({
      name: same[0]!.name,
      version: same[0]!.version,
      locations: same.map((line) => line.location),
      identical: new Set(same.map((line) => line.sha512)).size === 1,
    }));
}

function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

function sum<T>(items: readonly T[], figure: (item: T) => number): number {
  return items.reduce((total, item) => total + figure(item), 0);
}

/** Compares by code unit, so that the order is the same on every machine. */
function by<T>(text: (item: T) => string): (a: T, b: T) => number {
  return (a, b) => (text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0);
}
