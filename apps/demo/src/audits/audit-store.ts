import { Inject, Injectable } from '@nestjs/common';

import type { Digest } from '../audit/digest.js';
import type { Inspection } from '../audit/inspection.js';
import type { InstalledPackage, InstalledPackages } from '../audit/installed-packages.js';
import type { AuditedPackage, AuditReport, UnreadPackage } from '../audit/report.js';
import type { AuditProgress, AuditRecord, AuditStatus } from './audit-status.js';
import { JsonFiles } from './json-files.js';

/** Token of the folder that audits are kept in. */
export const DATA_FOLDER = 'the folder of the audits';

/**
 * What is known of each audit, in files. Redis holds what is still to be done and forgets finished jobs after a while;
 * what came of them is kept here, where it survives a restart and any process on this machine finds it.
 *
 * The outcome of a package is one file, named by the package: a job that runs twice writes it twice, and it is still one.
 * How far an audit is, is which files there are; nothing is ever counted up.
 */
@Injectable()
export class AuditStore {
  private readonly files: JsonFiles;

  constructor(@Inject(DATA_FOLDER) folder: string) {
    this.files = new JsonFiles(folder);
  }

  async begin(audit: AuditRecord): Promise<void> {
    await this.files.writeOnce(`${audit.id}/audit`, audit);
  }

  record(id: string): Promise<AuditRecord | undefined> {
    return this.files.read(`${id}/audit`);
  }

  /** All audits, the newest first. */
  async records(): Promise<AuditRecord[]> {
    const records = await Promise.all((await this.files.names()).map((id) => this.record(id)));
    return records.filter((record) => record !== undefined).sort((a, b) => (a.startedAt > b.startedAt ? -1 : 1));
  }

  /** Keeps what a scan found, and gives what is kept: the first scan's, so that all jobs of an audit mean the same packages. */
  async keepFound(id: string, found: InstalledPackages): Promise<InstalledPackages> {
    await this.files.writeOnce(`${id}/found`, found);
    return (await this.found(id)) ?? found;
  }

  found(id: string): Promise<InstalledPackages | undefined> {
    return this.files.read(`${id}/found`);
  }

  async keepInspection(id: string, key: string, inspection: Inspection): Promise<void> {
    await this.files.write(`${id}/inspected/${key}`, inspection);
  }

  async keepDigest(id: string, key: string, digest: Digest): Promise<void> {
    await this.files.write(`${id}/digested/${key}`, digest);
  }

  async keepUnread(id: string, key: string, unread: UnreadPackage): Promise<void> {
    await this.files.write(`${id}/unread/${key}`, unread);
  }

  async progress(id: string): Promise<AuditProgress> {
    const [inspected, digested, unread] = await Promise.all(
      ['inspected', 'digested', 'unread'].map(async (kind) => new Set(await this.files.names(`${id}/${kind}`))),
    );
    return { inspected: inspected!, digested: digested!, unread: unread! };
  }

  /** What is known of packages, and those that were not read to the end. */
  async outcomes(id: string, packages: readonly InstalledPackage[]) {
    const audited: AuditedPackage[] = [];
    const missing: InstalledPackage[] = [];
    for (const one of packages) {
      const inspection = await this.files.read<Inspection>(`${id}/inspected/${one.key}`);
      const digest = await this.files.read<Digest>(`${id}/digested/${one.key}`);
      if (inspection !== undefined && digest !== undefined) audited.push({ ...one, inspection, digest });
      else missing.push(one);
    }
    return { audited, missing };
  }

  async keepReport(id: string, report: AuditReport): Promise<void> {
    await this.files.write(`${id}/report`, report);
  }

  report(id: string): Promise<AuditReport | undefined> {
    return this.files.read(`${id}/report`);
  }

  /** Closes an audit. The first end stands; what was only needed on the way there is removed. */
  async end(id: string, status: AuditStatus): Promise<void> {
    await this.files.writeOnce(`${id}/ended`, status);
    await Promise.all(['inspected', 'digested', 'unread'].map((kind) => this.files.removeBelow(`${id}/${kind}`)));
  }

  ended(id: string): Promise<AuditStatus | undefined> {
    return this.files.read(`${id}/ended`);
  }

  /** Forgets an audit. */
  async remove(id: string): Promise<void> {
    await this.files.removeBelow(id);
  }
}
