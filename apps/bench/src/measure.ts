import { Redis } from 'ioredis';

import { PEERS, type Peer, type PeerName } from './peers/index.js';
import { PAYLOAD, SCENARIOS, type Scenario, type ScenarioName } from './scenarios.js';
import { readUsage, type Usage } from './usage.js';

/** One round of one peer. */
export interface Measurement {
  readonly peer: PeerName;
  readonly settings: string;
  readonly jobsPerSecond: number;
  /** CPU of Redis a job, in microseconds, sockets included. */
  readonly redisMicros: number;
  /** Time of scripts a job, in microseconds. */
  readonly scriptMicros: number;
  readonly nodeMicros: number;
  readonly commandsPerJob: number;
  readonly bytesPerJob: number;
}

/** Program of a child process: `measure.js PEER SCENARIO PORT JOBS`. Prints a {@link Measurement} as JSON. */
async function main([peerName, scenarioName, port, jobs]: readonly string[]): Promise<void> {
  const peer = await PEERS[peerName as PeerName]();
  const scenario = SCENARIOS[scenarioName as ScenarioName];
  const redis = new Redis({ host: '127.0.0.1', port: Number(port) });
  await redis.flushall();
  await peer.open(Number(port), `bench-${process.pid}`);
  const count = Number(jobs);
  if (scenario.kind === 'drain') await fill(peer, count);
  const before = await readUsage(redis);
  const startedAt = performance.now();
  await perform(peer, scenario, count);
  const seconds = (performance.now() - startedAt) / 1_000;
  const after = await readUsage(redis);
  await peer.close();
  redis.disconnect();
  process.stdout.write(JSON.stringify(summarise(peer, peerName as PeerName, count, seconds, before, after)));
  process.exit(0);
}

async function perform(peer: Peer, scenario: Scenario, jobs: number): Promise<void> {
  if (scenario.kind === 'enqueue') return enqueue(peer, jobs, scenario.width);
  if (scenario.kind === 'bulk') {
    for (let left = jobs; left > 0; left -= scenario.width) await peer.addMany(PAYLOAD, scenario.width);
    return;
  }
  let done = 0;
  await new Promise<void>((resolve, reject) => {
    peer.work(scenario.width, () => void (++done === jobs && resolve())).catch(reject);
  });
}

/** Keeps `width` calls in flight. */
async function enqueue(peer: Peer, jobs: number, width: number): Promise<void> {
  let next = 0;
  const producer = async (): Promise<void> => {
    while (next++ < jobs) await peer.add(PAYLOAD);
  };
  await Promise.all(Array.from({ length: width }, producer));
}

async function fill(peer: Peer, jobs: number): Promise<void> {
  for (let left = jobs; left > 0; left -= 1_000) await peer.addMany(PAYLOAD, Math.min(1_000, left));
}

function summarise(
  peer: Peer,
  name: PeerName,
  jobs: number,
  seconds: number,
  before: Usage,
  after: Usage,
): Measurement {
  const perJob = (field: keyof Usage): number => (after[field] - before[field]) / jobs;
  return {
    peer: name,
    settings: peer.settings,
    jobsPerSecond: jobs / seconds,
    redisMicros: 1_000 * perJob('redisCpuMs'),
    scriptMicros: 1_000 * perJob('scriptMs'),
    nodeMicros: 1_000 * perJob('nodeCpuMs'),
    commandsPerJob: perJob('commands'),
    bytesPerJob: perJob('bytes'),
  };
}

await main(process.argv.slice(2));
