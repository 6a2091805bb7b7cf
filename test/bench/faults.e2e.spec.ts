import { afterEach, describe, expect, it } from '@jest/globals';

import type { FaultsReport } from '../../apps/bench/src/faults/result.ts';
import { waitFor } from '../support/wait-for.ts';
import { BenchProcess } from './support/bench-process.ts';

const NOTHING = { files: [], processes: false };

let smoke: BenchProcess;
afterEach(() => smoke.remove());

describe('the smoke of faults', () => {
  it('makes the same faults for both sides, tells what came of them, and leaves nothing behind', async () => {
    const names = ['C4-end', 'R7-add'];
    const files = ['--json', 'faults.json', '--markdown', 'faults.md'];
    smoke = await BenchProcess.startFaults('--quick', '--seed', '1', '--case', names.join(','), ...files);
    expect([await smoke.exited, smoke.stderr]).toEqual([0, expect.stringContaining('2/2')]);
    expect(await smoke.leftovers()).toEqual(NOTHING);

    const report = JSON.parse(await smoke.read('faults.json')) as FaultsReport;
    expect(report).toMatchObject({ seed: 1, rounds: 1, leaseMs: 1_000, notes: [] });
    expect(report.versions.bullmq).toMatch(/^6\./);
    expect(report.cases.map(({ name }) => name).sort()).toEqual([...names].sort());
    for (const { figures, rounds, name } of report.cases) {
      expect([name, rounds]).toEqual([name, 1]);
      for (const { figure, millrace, bullmq } of figures) {
        expect([millrace.rounds.length, bullmq.rounds.length]).toEqual([1, 1]);
        if (figure === 'lost') expect([name, millrace.worst, bullmq.worst]).toEqual([name, 0, 0]);
      }
    }
    expect(await smoke.read('faults.md')).toContain('## R7-add: the answer to an add is lost');
  });

  it('stops in the middle when it is told to, and leaves nothing behind', async () => {
    smoke = await BenchProcess.startFaults('--quick', '--case', 'R9-worker');
    await waitFor('a history', async () => (await smoke.files()).some((name) => name.includes('faults')));
    smoke.interrupt();
    expect([await smoke.exited, smoke.stderr]).toEqual([130, expect.stringMatching(/Stopped\.\n$/)]);
    expect(await smoke.leftovers()).toEqual(NOTHING);
  });
});
