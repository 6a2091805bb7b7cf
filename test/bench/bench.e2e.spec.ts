import { afterEach, expect, it } from '@jest/globals';

import { PEERS } from '../../apps/bench/src/peers/index.ts';
import type { BenchReport } from '../../apps/bench/src/result.ts';
import { waitFor } from '../support/wait-for.ts';
import { BenchProcess } from './support/bench-process.ts';

const NOTHING = { files: [], processes: false };
const TINY = ['--rounds', '1', '--jobs', '100'];
const RIVALS = Object.keys(PEERS).filter((name) => name !== 'millrace');

let bench: BenchProcess;
afterEach(() => bench.remove());

it('measures Millrace against each peer, tells how, and leaves nothing behind', async () => {
  const files = ['--json', 'report.json', '--html', 'report.html'];
  bench = await BenchProcess.start(...TINY, '--scenario', 'enqueue,drain-10,latency-1000,memory-waiting', ...files);
  expect([await bench.exited, bench.stderr]).toEqual([0, expect.stringContaining('100 %  memory of a waiting job')]);
  expect(await bench.leftovers()).toEqual(NOTHING);

  const { results, settings, versions, machine } = JSON.parse(await bench.read('report.json')) as BenchReport;
  const latencies = RIVALS.flatMap((peer) => [`latency-1000-p50 ${peer}`, `latency-1000-p99 ${peer}`]);
  expect(results.map(({ scenario, peer }) => `${scenario} ${peer}`)).toEqual([
    ...RIVALS.map((peer) => `enqueue ${peer}`),
    ...RIVALS.map((peer) => `drain-10 ${peer}`),
    ...latencies,
    ...RIVALS.map((peer) => `memory-waiting ${peer}`),
  ]);
  for (const { ours, theirs, ratio, pairs } of results) {
    expect(Math.min(ours, theirs)).toBeGreaterThan(0);
    expect(pairs).toEqual([ratio]);
  }
  expect(Object.keys(settings)).toEqual(['millrace', ...RIVALS]);
  expect(versions['bullmq']).toMatch(/^6\./);
  expect(machine.redis).toMatch(/^\d+\./);
  expect(await bench.read('report.html')).toContain('<html');
});

it('measures in other processes, in NestJS, and with a file that is appended to', async () => {
  bench = await BenchProcess.start(
    ...TINY,
    '--peers',
    'bullmq',
    '--scenario',
    'processes-2,drain-nest,drain-100-everysec,due',
  );
  expect([await bench.exited, bench.stderr]).toEqual([0, expect.stringContaining('100 %')]);
  expect(bench.stdout).toContain('millrace (without NestJS)');
  expect(bench.stdout).not.toContain('left out');
  expect(await bench.leftovers()).toEqual(NOTHING);
});

it('stops in the middle when it is told to, and leaves nothing behind', async () => {
  bench = await BenchProcess.start(
    '--rounds',
    '5',
    '--peers',
    'bullmq',
    '--jobs',
    '500',
    '--scenario',
    'enqueue,processes-2',
  );
  await waitFor('the first scenario', () => bench.stderr.includes('add, 100 in flight'));
  bench.interrupt();
  expect([await bench.exited, bench.stderr]).toEqual([130, expect.stringMatching(/Stopped\.\n$/)]);
  expect(await bench.leftovers()).toEqual(NOTHING);
});

it.each([
  [['--peers', 'bullmq,bull'], 'There is no peer "bull". Known: bullmq, bee-queue, groupmq, glide-mq.'],
  [['--scenario', 'drain'], 'There is no scenario "drain". Known: enqueue-sequential, '],
])('refuses %j in a sentence', async (args, sentence) => {
  bench = await BenchProcess.start(...args);
  expect([await bench.exited, bench.stderr]).toEqual([2, expect.stringContaining(sentence)]);
});
