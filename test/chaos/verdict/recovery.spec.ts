import { describe, expect, it } from '@jest/globals';
import { Story } from '../support/story.ts';
import { recoveries, summarize } from './recovery.ts';

describe('how long recovery took', () => {
  it('counts from the end of a fault until whoever was concerned does something again', () => {
    const story = new Story().add('a').add('b').fault('freeze', 'all').pass(300);
    story.complete('a').fault('reset', ['worker-2']).pass(100).complete('b', 'worker-2.1');
    expect(recoveries(story.evidence)).toEqual([
      { what: 'worker-1 after freeze', ms: 320 },
      // It was reset later, and was held up by that.
      { what: 'worker-2 after freeze', ms: 120 },
      { what: 'worker-2 after reset', ms: 120 },
    ]);
  });

  it('counts from a kill until each job that had begun there is in other hands', () => {
    const story = new Story().add('a').lease('a').start('a').fault('killAt', ['worker-1.1']).pass(2_000);
    story.leave('a', 'back').complete('a', 'worker-2.1');
    const [found, ...none] = recoveries(story.evidence);
    expect(none).toEqual([]);
    expect(found).toMatchObject({ what: 'plain/a: after killAt of worker-1.1', ms: 2_020 });
    expect(found?.history?.join('\n')).toMatch(/stored.*\n.*leased.*\n.*worker-1\.1 start run-1/);
  });

  it('counts until the turn of the job has come, whoever is leased then', () => {
    const after = (priority: number): number => {
      const story = new Story().ask('a').store('a').answer('a').lease('a').start('a');
      story.fault('killAt', ['worker-1.1']).pass(2_000).leave('a', 'back');
      story.ask('b', { priority }).store('b').answer('b').complete('b', 'worker-2.1').pass(10_000);
      return recoveries(story.complete('a', 'worker-2.1').evidence)[0]?.ms ?? NaN;
    };
    // More urgent ones that are leased meanwhile do not say that its turn has come.
    expect([after(-1), after(0)]).toEqual([2_050, 2_050]);
    expect(after(1)).toBeGreaterThan(12_000);
  });

  it('is told as the median, the 99th of a hundred, and the longest', () => {
    const found = Array.from({ length: 200 }, (_, n) => ({ what: '', ms: n + 1 }));
    expect(summarize(found)).toEqual({ p50: 101, p99: 199, max: 200 });
    expect(summarize([])).toEqual({ p50: 0, p99: 0, max: 0 });
  });
});
