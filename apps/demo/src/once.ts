import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { lastValueFrom, tap } from 'rxjs';

import { AppModule } from './app.module.js';
import { auditFolder } from './audit/audit-folder.js';
import type { AuditStatus } from './audits/audit-status.js';
import { partsOf } from './audits/audit-parts.js';
import { AuditsService } from './audits/audits.service.js';
import { FindingsService } from './audits/findings.service.js';
import { NightlyService } from './audits/nightly.service.js';
import { ProgressBar } from './console/progress-bar.js';
import { afterwardsLines, summaryTable, type Afterwards } from './console/summary-table.js';
import type { Settings } from './settings.js';

/**
 * Audits one folder with the same jobs, but without serving: draws the progress on standard error, prints the table, what
 * was done besides, and a last line of JSON on standard output.
 *
 * @returns the exit code: 0 when all was read, else 1.
 * @throws FolderError when the folder cannot be audited.
 */
export async function once(settings: Settings): Promise<number> {
  const folder = await auditFolder(settings.folder);
  const app = await NestFactory.createApplicationContext(AppModule.with(settings), {
    abortOnError: false,
    logger: ['warn', 'error', 'fatal'],
  });
  app.enableShutdownHooks();
  try {
    const status = await audit(app.get(AuditsService), folder);
    const also = await afterwards(app, status);
    // Nothing may be printed after the last line, so all that could log is closed before it.
    await app.close();
    return conclude(status, also);
  } finally {
    await app.close();
  }
}

/** Runs the audit with a progress bar, and prints its table. */
async function audit(audits: AuditsService, folder: string): Promise<AuditStatus> {
  const bar = new ProgressBar(process.stderr);
  const { id } = await audits.start(folder);
  const status = await lastValueFrom(audits.watch(id).pipe(tap((now) => bar.draw(now))));
  bar.end();
  const report = await audits.report(id);
  process.stdout.write(`\n${report === undefined ? status.failure : summaryTable(report)}\n\n`);
  return status;
}

/** Waits until the findings were told, does what is done every night, and prints both. */
async function afterwards(app: INestApplicationContext, { id, packages }: AuditStatus): Promise<Afterwards> {
  const report = await app.get(AuditsService).report(id);
  const also = {
    parts: partsOf(packages ?? 0),
    told: report === undefined ? { findings: 0, messages: 0 } : await app.get(FindingsService).told(id, report),
    nightly: await app.get(NightlyService).now(),
  };
  process.stdout.write(`${afterwardsLines(also)}\n\n`);
  return also;
}

/** Prints the last line, which a script can read. */
function conclude(
  { packages, jobsDone, unread, state, startedAt, finishedAt }: AuditStatus,
  { parts, told, nightly }: Afterwards,
): number {
  const failed = unread + (state === 'failed' ? 1 : 0);
  const seconds = (Date.parse(finishedAt ?? startedAt) - Date.parse(startedAt)) / 1000;
  const line = { packages: packages ?? 0, jobs: jobsDone, failed, seconds, parts, ...told, nightly };
  process.stdout.write(`${JSON.stringify(line)}\n`);
  return failed === 0 ? 0 : 1;
}
