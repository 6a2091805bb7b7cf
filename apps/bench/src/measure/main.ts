/** Program of a process that measures once: `main.js TASK`. Sends what it measured to its parent, or fails with an error. */
import { Redis } from 'ioredis';

import { PEERS, type Peer, type PeerEntry } from '../peers/index.js';
import type { Scenario } from '../scenarios/scenario.js';
import { add } from './add.js';
import { backlog } from './backlog.js';
import { setupOf, type Bench } from './bench.js';
import { drain } from './drain.js';
import { due } from './due.js';
import { latency } from './latency.js';
import { memory } from './memory.js';
import { Meter } from './meter.js';
import { warmUpOf, type Measurement, type Outcome, type Task } from './task.js';

// Without the parent nobody waits for the figure.
process.on('disconnect', () => process.exit());

const task = JSON.parse(process.argv[2] ?? '') as Task;
const redis = new Redis({ host: '127.0.0.1', port: task.port });
await redis.flushall();
const peer = await load(task);
const bench: Bench = {
  task,
  queue: `bench-${process.pid}`,
  meter: new Meter(redis),
  warmUp: warmUpOf(task.jobs),
  jobs: task.jobs,
  limitMs: task.limitMs,
  usedMemory: async () => usedMemory(await redis.info('memory')),
};
await peer.open(setupOf(task, bench.queue));
const measurement: Measurement = { settings: peer.settings, outcome: await measure(peer, task.scenario, bench) };
// Not closed in order: the next measurement empties this Redis, and what counts is measured.
process.send?.(measurement, () => process.exit());

/** Buffers of connections come and go. */
function usedMemory(info: string): number {
  const field = (name: string): number => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1]);
  return field('used_memory') - field('mem_clients_normal');
}

async function load({ peer, scenario }: Task): Promise<Peer> {
  const entry: PeerEntry = PEERS[peer];
  const loadInNest = scenario.method === 'drain' && scenario.inNest ? entry.loadInNest : undefined;
  return (loadInNest ?? entry.load)();
}

function measure(peer: Peer, scenario: Scenario, bench: Bench): Promise<Outcome> {
  switch (scenario.method) {
    case 'add':
      return add(peer, scenario, bench);
    case 'drain':
      return drain(peer, scenario, bench);
    case 'due':
      return due(peer, scenario, bench);
    case 'latency':
      return latency(peer, scenario, bench);
    case 'memory':
      return memory(peer, scenario, bench);
    case 'backlog':
      return backlog(peer, scenario, bench);
  }
}
