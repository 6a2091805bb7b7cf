import { Redis } from 'ioredis';

import { PEERS, type Peer, type PeerName } from './peers/index.js';
import { PAYLOAD, SCENARIOS, type Scenario, type ScenarioName } from './scenarios.js';
import { Meter, type Usage } from './usage.js';

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

/** Before what counts: compiled code and grown tables are what a process runs with from its second second on. */
const WARM_UP_PART = 0.25;

/** Program of a child process: `measure.js PEER SCENARIO PORT JOBS`. Prints a {@link Measurement} as JSON. */
async function main([peerName, scenarioName, port, jobs]: readonly string[]): Promise<void> {
  const peer = await PEERS[peerName as PeerName]();
  const scenario = SCENARIOS[scenarioName as ScenarioName];
  const redis = new Redis({ host: '127.0.0.1', port: Number(port) });
  await redis.flushall();
  await peer.open(Number(port), `bench-${process.pid}`);
  const count = Number(jobs);
  const warmUp = Math.round(count * WARM_UP_PART);
  const meter = new Meter(redis);
  if (scenario.kind === 'drain') await drain(peer, scenario.width, { warmUp, jobs: count, meter });
  else {
    await enqueue(peer, scenario, warmUp);
    await meter.start();
    await enqueue(peer, scenario, count);
    await meter.stop();
  }
  await peer.close();
  redis.disconnect();
  process.stdout.write(JSON.stringify(summarise(peer, peerName as PeerName, count, meter)));
  process.exit(0);
}

/** Works off a queue that was filled before; what counts begins after the warm-up, without a pause. */
async function drain(
  peer: Peer,
  concurrency: number,
  { warmUp, jobs, meter }: { readonly warmUp: number; readonly jobs: number; readonly meter: Meter },
): Promise<void> {
  await fill(peer, warmUp + jobs);
  let done = 0;
  let started: Promise<void> | undefined;
  await new Promise<void>((resolve, reject) => {
    const ended = (): void => {
      done++;
      if (done === warmUp) started = meter.start();
      else if (done === warmUp + jobs) resolve();
    };
    peer.work(concurrency, ended).catch(reject);
  });
  await started;
  await meter.stop();
}

/** Adds jobs: so many calls in flight, or so many jobs a call. */
async function enqueue(peer: Peer, { kind, width }: Scenario, jobs: number): Promise<void> {
  if (kind === 'bulk') {
    for (let left = jobs; left > 0; left -= width) await peer.addMany(PAYLOAD, width);
    return;
  }
  let next = 0;
  const producer = async (): Promise<void> => {
    while (next++ < jobs) await peer.add(PAYLOAD);
  };
  await Promise.all(Array.from({ length: width }, producer));
}

async function fill(peer: Peer, jobs: number): Promise<void> {
  for (let left = jobs; left > 0; left -= 1_000) await peer.addMany(PAYLOAD, Math.min(1_000, left));
}

function summarise(peer: Peer, name: PeerName, jobs: number, meter: Meter): Measurement {
  const perJob = (field: keyof Usage): number => meter.used(field) / jobs;
  return {
    peer: name,
    settings: peer.settings,
    jobsPerSecond: jobs / meter.seconds,
    redisMicros: 1_000 * perJob('redisCpuMs'),
    scriptMicros: 1_000 * perJob('scriptMs'),
    nodeMicros: 1_000 * perJob('nodeCpuMs'),
    commandsPerJob: perJob('commands'),
    bytesPerJob: perJob('bytes'),
  };
}

await main(process.argv.slice(2));
