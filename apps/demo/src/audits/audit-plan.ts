import { Injectable } from '@nestjs/common';
import { InjectQueue, type QueueOf } from '@millrace/nestjs';

import type { InstalledPackage } from '../audit/installed-packages.js';
import { PART } from './audit-parts.js';
import { type AuditJob, Audits, jobIds, type PackageJob, Packages, type PartJob } from './audit-jobs.js';

/**
 * Adds all jobs of an audit that was scanned, each with what it waits for:
 *
 * ```
 * inspect ──► digest ──┐
 * inspect ──► digest ──┼──► part ──┐
 * inspect ──► digest ──┘           ├──► report
 *                       …  part ───┘
 * ```
 */
@Injectable()
export class AuditPlan {
  constructor(
    @InjectQueue(Audits) private readonly audits: QueueOf<typeof Audits>,
    @InjectQueue(Packages) private readonly packages: QueueOf<typeof Packages>,
  ) {}

  /** Tells after each part how many packages have their jobs. A second time nothing happens: the ids are the same. */
  async *add({ audit, folder }: AuditJob, packages: readonly InstalledPackage[]): AsyncGenerator<number> {
    const parts: string[] = [];
    for (let start = 0; start < packages.length; start += PART) {
      const some = packages.slice(start, start + PART);
      parts.push(await this.addPart({ audit, folder, part: parts.length, packages: some }));
      yield start + some.length;
    }
    // Failing with a part is the default, and right: a report without it would be wrong.
    await this.audits.add('report', { audit, folder }, { id: jobIds.report({ audit, folder }), dependsOn: parts });
  }

  private async addPart(part: PartJob): Promise<string> {
    const { audit, folder } = part;
    const jobs = part.packages.map((one): PackageJob => ({ audit, folder, package: one }));
    await this.packages.addMany([
      ...jobs.map((data) => ({ name: 'inspect' as const, data, options: { id: jobIds.inspect(data) } })),
      ...jobs.map((data) => ({
        name: 'digest' as const,
        data,
        // There is nothing to hash in a package that could not even be inspected.
        options: {
          id: jobIds.digest(data),
          dependsOn: [jobIds.inspect(data)],
          onDependencyFailure: 'cancel' as const,
        },
      })),
    ]);
    const { id } = await this.audits.add('part', part, {
      id: jobIds.part(part),
      dependsOn: jobs.map((data) => ({ queue: Packages.name, id: jobIds.digest(data) })),
      // A package that cannot be read does not keep its audit from ending: the report tells of it.
      onDependencyFailure: 'run',
      // Finished jobs are forgotten after a while, perhaps before a scan that was cut off runs again.
      missingDependency: 'done',
    });
    return id;
  }
}
