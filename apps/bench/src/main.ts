import { writeFile } from 'node:fs/promises';

import { readArguments, USAGE, UsageError, type BenchArguments } from './arguments.js';
import { Progress } from './console/progress.js';
import { thisCommit, thisMachine, versionOf } from './machine.js';
import { Pace } from './pace.js';
import { ABSENT } from './peers/index.js';
import { absencesOf, measurementsOf, planOf } from './plan.js';
import { toHtml } from './report/html/page.js';
import { toTable } from './report/table.js';
import type { BenchReport } from './result.js';
import { runParts } from './run.js';

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());

try {
  await main(readArguments(process.argv.slice(2)));
} catch (error) {
  if (error instanceof UsageError) console.error(`${error.message}\n${USAGE}`);
  else console.error(stopping.signal.aborted ? 'Stopped.' : (error as Error).message);
  process.exitCode = error instanceof UsageError ? 2 : stopping.signal.aborted ? 130 : 1;
}

async function main(asked: BenchArguments): Promise<void> {
  const peers = asked.peers.filter((peer) => versionOf(peer) !== undefined);
  const notes = [
    ...asked.absent.map((peer) => ABSENT[peer]!),
    ...asked.peers.filter((peer) => !peers.includes(peer)).map((peer) => `${peer} is left out: it is not installed.`),
    ...absencesOf({ ...asked, peers }),
  ];
  for (const sentence of notes) console.error(sentence);

  const parts = planOf({ ...asked, peers });
  if (parts.length === 0) throw new Error('Nothing is left to measure.');
  const pace = new Pace(measurementsOf(parts), asked.budgetMs);
  const progress = new Progress(process.stderr, pace);
  const began = { machine: await thisMachine(), commit: thisCommit(), date: new Date().toISOString() };
  const context = { pace, progress, notes, signal: stopping.signal };
  const found = await runParts(parts, context).finally(() => progress.end());
  const report: BenchReport = {
    ...began,
    versions: Object.fromEntries((['millrace', ...peers] as const).map((peer) => [peer, versionOf(peer) ?? 'unknown'])),
    rounds: Math.max(0, ...parts.map((part) => part.rounds)),
    notes,
    ...found,
  };
  console.log(toTable(report));
  if (asked.json !== undefined) await writeFile(asked.json, `${JSON.stringify(report, null, 2)}\n`);
  if (asked.html !== undefined) await writeFile(asked.html, toHtml(report));
  // What fails on one peer's side is a note; where nothing is left to compare, something is wrong here.
  if (parts.some(({ scenario }) => !report.results.some(({ title }) => title.startsWith(scenario.title))))
    process.exitCode = 1;
}
