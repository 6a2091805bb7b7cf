import { describe, expect, it } from '@jest/globals';
import { conclude, type Conclusion } from './report.ts';
import { Story } from './support/story.ts';

function conclusionOf(story: Story, problems: readonly string[] = []): Conclusion {
  return conclude({ evidence: story.evidence, problems, met: [], events: 0, redis: '7.0.15' }, 60, 7);
}

describe('the report of a chaos run', () => {
  it('has the verdicts, the jobs, the faults by kind and the times of recovery, and says of which run', () => {
    const story = new Story().add('a').fault('kill', ['worker-2.1']).fault('machine', 'all').complete('a');
    const { report, isGood } = conclusionOf(story.fault('kill', ['worker-2.1']));
    expect(isGood).toBe(true);
    expect(report).toEqual({
      ...{ lost: 0, phantom: 0, doubleAccepted: 0, staleAccepted: 0 },
      ...{ unexplainedDuplicates: 0, earlyStarts: 0, outOfOrder: 0, holdsLeft: 0 },
      jobs: 1,
      faults: { kill: 2 },
      recoveryMs: { p50: 0, p99: 0, max: 0 },
      seed: 7,
      seconds: 60,
      machine: { cores: expect.any(Number), node: process.version, redis: '7.0.15' },
    });
  });

  it('is bad where something was found, and shows the history and how to have the plan again', () => {
    const { report, text, isGood } = conclusionOf(new Story().add('a').lease('a').start('a'));
    expect(isGood).toBe(false);
    expect(report.lost).toBe(1);
    expect(text).toMatch(/^lost: plain\/a: has not ended, and is in r\n( {4}.*\n)* {4}.*worker-1\.1 start run-1/);
    expect(text).toContain('npm run chaos -- --seconds 60 --seed 7');
  });

  it('is bad where a process was not as it should be, or came back late', () => {
    expect(conclusionOf(new Story(), ['worker-1.1 ended by itself']).isGood).toBe(false);
    const late = new Story().add('a').fault('freeze', 'all').pass(60_000).complete('a');
    expect(conclusionOf(late)).toMatchObject({ isGood: false, text: expect.stringContaining('only recovered after') });
  });
});
