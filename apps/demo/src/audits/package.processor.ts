import { join } from 'node:path';

import { ActiveJob, OnJob, Processor, UnrecoverableError } from '@millrace/nestjs';

import { type Digest, digestPackage } from '../audit/digest.js';
import { type Inspection, inspectPackage } from '../audit/inspection.js';
import { type PackageJob, Packages } from './audit-jobs.js';
import { AuditStore } from './audit-store.js';

/**
 * Reads one package: first what it says of itself, then all of its files. The second job depends on the first. Each keeps
 * its outcome under the package's name, so a job that was cut off anywhere can simply run again.
 */
@Processor(Packages, { concurrency: 16 })
export class PackageProcessor {
  constructor(private readonly store: AuditStore) {}

  @OnJob(Packages.jobs.inspect, { maxAttempts: 3, backoff: { type: 'fixed', delayMs: 500 } })
  async inspect(job: ActiveJob<PackageJob>): Promise<Inspection> {
    const { audit, package: one } = job.data;
    const inspection = await stillThere(one.location, inspectPackage(pathOf(job.data)));
    await this.store.keepInspection(audit, one.key, inspection);
    return inspection;
  }

  /**
   * Hashing keeps the event loop busy: two at a time are enough for it. The lease of the job is kept by a thread of its
   * own, so the job is not taken for dead meanwhile.
   */
  @OnJob(Packages.jobs.digest, {
    maxAttempts: 3,
    backoff: { type: 'fixed', delayMs: 500 },
    timeoutMs: 120_000,
    concurrency: 2,
  })
  async digest(job: ActiveJob<PackageJob>): Promise<Digest> {
    const { audit, package: one } = job.data;
    const digest = await stillThere(one.location, digestPackage(pathOf(job.data), job.signal));
    await this.store.keepDigest(audit, one.key, digest);
    return digest;
  }
}

function pathOf(job: PackageJob): string {
  return join(job.folder, job.package.location);
}

/** A package that was uninstalled meanwhile does not come back by trying again. */
async function stillThere<T>(location: string, reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new UnrecoverableError(`${location} is not there any more.`);
  }
}
