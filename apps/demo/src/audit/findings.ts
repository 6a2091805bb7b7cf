import type { AuditReport } from './report.js';

/** What somebody should look at, each in a sentence; the worst first. Equal reports give equal findings. */
export function findingsOf({ unread, withoutLicence, copies, duplicates }: AuditReport): string[] {
  return [
    ...unread.map(({ location, reason }) => `${location} could not be read: ${reason}`),
    ...withoutLicence.map(({ name, version }) => `${name} ${version} states no licence.`),
    ...copies
      .filter(({ identical }) => !identical)
      .map(({ name, version, locations }) => `${name} ${version} has different files in ${locations.join(' and ')}.`),
    ...duplicates.map(
      ({ name, versions }) => `${name} is installed as ${versions.map(({ version }) => version).join(' and ')}.`,
    ),
  ];
}
