/** The smoke of faults: `main.js [--quick] …`. The same faults against Millrace and BullMQ, and what came of them. */
import { readFile, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';

import { UsageError } from '../arguments.js';
import { thisCommit, thisMachine, versionOf } from '../machine.js';
import { readArguments, USAGE, type FaultsArguments } from './arguments.js';
import { toMarkdown } from './markdown.js';
import type { FaultsReport } from './result.js';
import { runRounds, type RunOrder } from './run.js';
import { settingsOf } from './sides/index.js';
import { conclude } from './summary.js';

/** Longer than two leases: the default of both is 30 s. */
const FULL: RunOrder['lab'] = { leaseMs: undefined, patienceMs: 75_000, outageMs: 10_000 };
const QUICK: RunOrder['lab'] = { leaseMs: 1_000, patienceMs: 15_000, outageMs: 1_500 };
const PARALLEL = { full: 12, quick: 4 };

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());

try {
  const asked = readArguments(process.argv.slice(2));
  const report = asked.show === undefined ? await measure(asked) : await read(asked.show);
  if (asked.json !== undefined) await writeFile(asked.json, `${JSON.stringify(report, null, 2)}\n`);
  if (asked.markdown !== undefined) await writeFile(asked.markdown, toMarkdown(report));
  console.log(toMarkdown(report));
  if (report.cases.some(({ rounds }) => rounds === 0)) process.exitCode = 1;
} catch (error) {
  if (error instanceof UsageError) console.error(`${error.message}\n${USAGE}`);
  else console.error(stopping.signal.aborted ? 'Stopped.' : (error as Error).message);
  process.exitCode = error instanceof UsageError ? 2 : stopping.signal.aborted ? 130 : 1;
}
// A socket that was reset just when its other side vanished never closes, and Node waits for it.
process.exit();

async function measure({ cases, rounds, seed, isQuick }: FaultsArguments): Promise<FaultsReport> {
  const loadBefore = Math.round((loadavg()[0] ?? 0) * 10) / 10;
  const began = { machine: await thisMachine(), commit: thisCommit(), date: new Date().toISOString() };
  const lab = isQuick ? QUICK : FULL;
  let done = 0;
  const { pairs, notes } = await runRounds({
    cases,
    rounds,
    seed,
    lab,
    parallel: isQuick ? PARALLEL.quick : PARALLEL.full,
    signal: stopping.signal,
    onRound: (name, round) => console.error(`${++done}/${cases.length * rounds}  ${name}, round ${round + 1}`),
  });
  stopping.signal.throwIfAborted();
  return {
    ...began,
    versions: { millrace: versionOf('millrace') ?? 'unknown', bullmq: versionOf('bullmq') ?? 'unknown' },
    seed,
    rounds,
    ...(lab.leaseMs !== undefined && { leaseMs: lab.leaseMs }),
    loadBefore,
    settings: { millrace: await settingsOf('millrace'), bullmq: await settingsOf('bullmq') },
    notes,
    cases: cases.map((one) => conclude(one, pairs.get(one.name) ?? [])),
  };
}

/** @throws UsageError */
async function read(file: string): Promise<FaultsReport> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as FaultsReport;
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}
