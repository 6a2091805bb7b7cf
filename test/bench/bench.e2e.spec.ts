import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';

import { PEERS } from '../../apps/bench/src/peers/index.ts';
import type { BenchReport } from '../../apps/bench/src/result.ts';
import { waitFor } from '../support/wait-for.ts';
import { BenchProcess } from './support/bench-process.ts';

const NOTHING = { files: [], processes: false };
const TINY = ['--rounds', '1', '--jobs', '100'];
const RIVALS = Object.keys(PEERS).filter((name) => name !== 'millrace');

/** One run measures each peer, the other one each way of measuring: at the same time, since they mostly start processes. */
describe('a run', () => {
  let ofPeers: BenchProcess;
  let ofWays: BenchProcess;

  beforeAll(async () => {
    const files = ['--json', 'report.json', '--html', 'report.html'];
    ofPeers = await BenchProcess.start(...TINY, '--scenario', 'drain-10', ...files);
    const ways = 'latency-1000,memory-waiting,processes-2,drain-nest,drain-100-everysec,due';
    ofWays = await BenchProcess.start(...TINY, '--peers', 'bullmq', '--scenario', ways, '--json', 'report.json');
  });
  afterAll(async () => {
    await Promise.all([ofPeers.remove(), ofWays.remove()]);
  });

  async function reportOf(run: BenchProcess): Promise<BenchReport> {
    expect([await run.exited, run.stderr]).toEqual([0, expect.stringContaining('100 %')]);
    expect(await run.leftovers()).toEqual(NOTHING);
    const report = JSON.parse(await run.read('report.json')) as BenchReport;
    for (const { ours, theirs, ratio, pairs } of report.results) {
      expect(Math.min(ours, theirs)).toBeGreaterThan(0);
      expect(pairs).toEqual([ratio]);
    }
    return report;
  }

  it('measures Millrace against each peer, tells how, and leaves nothing behind', async () => {
    const { results, settings, versions, machine } = await reportOf(ofPeers);
    expect(results.map(({ scenario, peer }) => `${scenario} ${peer}`)).toEqual(
      RIVALS.map((peer) => `drain-10 ${peer}`),
    );
    expect(Object.keys(settings)).toEqual(['millrace', ...RIVALS]);
    expect(versions['bullmq']).toMatch(/^6\./);
    expect(machine.redis).toMatch(/^\d+\./);
    expect(await ofPeers.read('report.html')).toContain('<html');
  });

  it('measures latency, memory, in other processes, in NestJS, and with a file that is appended to', async () => {
    const { results } = await reportOf(ofWays);
    const names = results.map(({ scenario }) => scenario);
    expect(names).toEqual(expect.arrayContaining(['latency-1000-p50', 'latency-1000-p99', 'memory-waiting', 'due']));
    expect(ofWays.stdout).toContain('millrace (without NestJS)');
    expect(ofWays.stdout).not.toContain('left out');
  });
});

describe('a run that does not come to its end', () => {
  let bench: BenchProcess;
  afterEach(() => bench.remove());

  it('stops in the middle when it is told to, and leaves nothing behind', async () => {
    const scenarios = ['--scenario', 'enqueue,processes-2'];
    bench = await BenchProcess.start('--rounds', '1', '--peers', 'bullmq', '--jobs', '500', ...scenarios);
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
});
