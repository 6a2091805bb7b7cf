import { describe, expect, it } from '@jest/globals';

import { Progress } from '../../apps/bench/src/console/progress.ts';
import type { Measurement } from '../../apps/bench/src/measure/task.ts';
import { Pace } from '../../apps/bench/src/pace.ts';
import { SCENARIOS } from '../../apps/bench/src/scenarios/index.ts';
import { conclude, median } from '../../apps/bench/src/summary.ts';

function rounds(...figures: readonly Readonly<Record<string, number>>[]): Measurement[] {
  return figures.map((figure, i) => ({
    settings: 'defaults',
    outcome: { figures: figure, costs: { redisMicros: 10 * (i + 1) } },
  }));
}

describe('the summary', () => {
  it('is the median, whatever the order and however many', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([7])).toBe(7);
  });

  it('takes ratios pair by pair, and the median of them', () => {
    const [result] = conclude({
      name: 'drain-1',
      scenario: SCENARIOS['drain-1']!,
      peer: 'bullmq',
      ours: rounds({ rate: 100 }, { rate: 900 }, { rate: 300 }),
      theirs: rounds({ rate: 50 }, { rate: 90 }, { rate: 100 }),
    });
    expect(result).toEqual({
      scenario: 'drain-1',
      title: 'drain, concurrency 1',
      group: 'Working off',
      unit: 'jobs/s',
      better: 'higher',
      persistence: 'off',
      peer: 'bullmq',
      ours: 300,
      theirs: 90,
      ratio: 3,
      spread: [2, 10],
      pairs: [2, 10, 3],
      costs: { ours: { redisMicros: 20 }, theirs: { redisMicros: 20 } },
    });
  });

  it('gives a result for each figure of a scenario, and the sentences about them', () => {
    const theirs = rounds({ p50: 4, p99: 8 }).map(({ settings, outcome }) => ({
      settings,
      outcome: { ...outcome, note: 'could not keep up' },
    }));
    const results = conclude({
      name: 'latency-idle',
      scenario: SCENARIOS['latency-idle']!,
      peer: 'bullmq',
      ours: rounds({ p50: 1, p99: 4 }),
      theirs,
    });
    expect(results).toMatchObject([
      { scenario: 'latency-idle-p50', ratio: 0.25, better: 'lower', unit: 'ms', note: 'bullmq could not keep up.' },
      { scenario: 'latency-idle-p99', ratio: 0.5 },
    ]);
    expect(results[0]?.title).toMatch(/idle, p50$/);
  });
});

describe('the pace of a run', () => {
  it('tells how much is done, how long the rest takes, and whether there is time for more', () => {
    let now = 0;
    const pace = new Pace(10, 60_000, () => now);
    expect([pace.part, pace.leftMs]).toEqual([0, undefined]);
    now = 10_000;
    pace.made();
    pace.made();
    expect([pace.part, pace.leftMs]).toEqual([0.2, 40_000]);
    expect([pace.hasTimeFor(10), pace.hasTimeFor(11)]).toEqual([true, false]);
    pace.dropped(3);
    expect([pace.part, pace.leftMs]).toEqual([0.5, 25_000]);
  });

  it('is shown as a bar on a terminal, and as one line a scenario elsewhere', () => {
    const shown = (isTTY: boolean): string => {
      let [output, now] = ['', 0];
      const pace = new Pace(4, Infinity, () => now);
      const progress = new Progress({ isTTY, write: (text) => (output += text) }, pace);
      progress.begins('drain: millrace, round 1 of 1');
      now = 90_000;
      pace.made();
      progress.begins('drain: bullmq, round 1 of 1');
      progress.says('drain: 9× bullmq');
      progress.end();
      return output;
    };
    expect(shown(false)).toBe(' 25 %  drain: 9× bullmq  5 min left\n');
    expect(shown(true)).toContain('██████░░░░░░░░░░░░░░░░░░  25 %  5 min left  drain: bullmq, round 1 of 1');
    expect(shown(true).endsWith('drain: 9× bullmq\n\r\u001B[2K')).toBe(true);
  });
});
