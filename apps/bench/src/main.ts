import { writeFile } from 'node:fs/promises';

import { readArguments, USAGE, UsageError, type BenchArguments } from './arguments.js';
import { Progress } from './console/progress.js';
import { costTable, figureTable } from './console/table.js';
import { thisCommit, thisMachine, versionOf } from './machine.js';
import { ABSENT, type PeerName } from './peers/index.js';
import { measurementsOf, planOf } from './plan.js';
import type { BenchReport } from './result.js';
import { runParts } from './run.js';
import { BenchServer, redisVersion } from './server.js';

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());

try {
  await main(readArguments(process.argv.slice(2)));
} catch (error) {
  if (error instanceof UsageError) console.error(`${error.message}\n${USAGE}`);
  else console.error(stopping.signal.aborted ? '\nStopped.' : (error as Error).message);
  process.exitCode = error instanceof UsageError ? 2 : stopping.signal.aborted ? 130 : 1;
}

async function main(asked: BenchArguments): Promise<void> {
  const date = new Date().toISOString();
  const missing = asked.peers.filter((peer) => versionOf(peer) === undefined);
  const peers = asked.peers.filter((peer) => !missing.includes(peer));
  const absent = [
    ...asked.absent.map((peer) => ABSENT[peer]!),
    ...missing.map((peer) => `${peer} is left out: it is not installed.`),
  ];
  for (const sentence of absent) console.error(sentence);

  const parts = planOf({ ...asked, peers });
  const progress = new Progress(process.stderr, measurementsOf(parts));
  const { results, settings, notes } = await runParts(parts, progress, stopping.signal).finally(() => progress.end());
  const versions = (['millrace', ...peers] as PeerName[]).map((peer) => [peer, versionOf(peer) ?? 'unknown'] as const);
  const report: BenchReport = {
    machine: thisMachine(await versionOfRedis()),
    versions: Object.fromEntries(versions),
    commit: thisCommit(),
    date,
    rounds: Math.max(0, ...parts.map((part) => part.rounds)),
    settings,
    notes: [...absent, ...notes],
    results,
  };
  print(report);
  if (asked.json !== undefined) await writeFile(asked.json, `${JSON.stringify(report, null, 2)}\n`);
}

async function versionOfRedis(): Promise<string> {
  const server = await BenchServer.start('off');
  try {
    return await redisVersion(server.port);
  } finally {
    await server.stop();
  }
}

function print({ machine, versions, results, settings, notes }: BenchReport): void {
  console.log(
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Node ${machine.node}, Redis ${machine.redis}\n`,
  );
  console.log([figureTable(results), costTable(results)].filter(Boolean).join('\n\n'));
  console.log();
  for (const [peer, text] of Object.entries(settings)) console.log(`${peer} ${versions[peer]}: ${text}.`);
  for (const sentence of [...notes, ...new Set(results.flatMap(({ note }) => note ?? []))]) console.log(sentence);
}
