import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { readArguments } from './arguments.js';
import type { Measurement } from './measure.js';
import type { PeerName } from './peers/index.js';
import { BenchServer } from './redis-server.js';
import { conclude, toTable, type Result } from './report.js';
import { SCENARIOS, type ScenarioName } from './scenarios.js';

const MEASURE = fileURLToPath(new URL('./measure.js', import.meta.url));
const ROUND_TIMEOUT_MS = 120_000;
const QUICK_PART = 4;

const { rounds, isQuick, scenarios, json } = readArguments(process.argv.slice(2));

/** A fresh process for each figure: nothing that one run has warmed or grown helps or hurts the next. */
async function measure(peer: PeerName, scenario: ScenarioName, port: number): Promise<Measurement> {
  const jobs = SCENARIOS[scenario].jobs / (isQuick ? QUICK_PART : 1);
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [MEASURE, peer, scenario, String(port), String(jobs)],
    {
      timeout: ROUND_TIMEOUT_MS,
    },
  );
  return JSON.parse(stdout) as Measurement;
}

const server = await BenchServer.start();
const results: Result[] = [];
const settings = new Map<string, string>();
try {
  for (const scenario of scenarios) {
    const ours: Measurement[] = [];
    const theirs: Measurement[] = [];
    // In turn, so that what the machine does meanwhile concerns both.
    for (let round = 0; round < rounds; round++) {
      process.stderr.write(`\r${SCENARIOS[scenario].title}: round ${round + 1} of ${rounds}   `);
      ours.push(await measure('millrace', scenario, server.port));
      theirs.push(await measure('bullmq', scenario, server.port));
    }
    process.stderr.write('\r\x1b[K');
    for (const { peer, settings: text } of [...ours, ...theirs]) settings.set(peer, text);
    results.push(conclude({ scenario, peer: 'bullmq', ours, theirs }));
  }
} finally {
  await server.stop();
}

console.log(toTable(results));
console.log(
  `\nOurs/theirs per job: CPU of Redis and of Node in µs, time of scripts in µs, commands (those of scripts included), bytes.`,
);
for (const [peer, text] of settings) console.log(`${peer}: ${text}`);
if (json !== undefined) await writeFile(json, `${JSON.stringify({ results }, null, 2)}\n`);
