import { describe, expect, it } from '@jest/globals';

import { readArguments, UsageError } from '../../apps/bench/src/arguments.ts';
import { absencesOf, measurementsOf, planOf } from '../../apps/bench/src/plan.ts';
import { SCENARIOS } from '../../apps/bench/src/scenarios/index.ts';

describe('the command line', () => {
  it('measures everything against everybody by default, and says who cannot be had', () => {
    expect(readArguments([])).toMatchObject({
      scenarios: Object.keys(SCENARIOS),
      peers: ['bullmq', 'bee-queue', 'groupmq'],
      absent: ['glide-mq'],
      rounds: undefined,
      jobs: undefined,
    });
  });

  it('takes lists, numbers and files', () => {
    const args = [
      '--scenario',
      'drain-1, due',
      '--peers',
      'groupmq',
      '--rounds',
      '7',
      '--jobs',
      '9',
      '--json',
      'a',
      '--html',
      'b',
    ];
    expect(readArguments(args)).toMatchObject({
      scenarios: ['drain-1', 'due'],
      peers: ['groupmq'],
      absent: [],
      rounds: 7,
      jobs: 9,
      budgetMs: Infinity,
      json: 'a',
      html: 'b',
    });
  });

  it('is quick with a few scenarios, BullMQ, three rounds, fewer jobs and little time', () => {
    const quick = readArguments(['--quick']);
    expect(quick).toMatchObject({ peers: ['bullmq'], absent: [], budgetMs: 75_000 });
    expect(quick.scenarios.length).toBeLessThan(12);
    const [part] = planOf({ ...quick, scenarios: ['drain-100'] });
    expect(part).toMatchObject({ rounds: 3, ours: { jobs: 42_000 }, theirs: [{ jobs: 3_600 }] });
    expect(planOf({ ...quick, scenarios: ['drain-100'], peers: ['bee-queue'] })[0]?.theirs[0]?.name).toBe('bee-queue');
  });

  it.each([
    [['--rounds', '0'], '"0" is no number of rounds: it must be a whole number from 1 to 1000.'],
    [['--jobs', '1e3'], '"1e3" is no number of jobs: it must be a whole number from 1 to 1000000.'],
    [['--peers', 'toString'], 'There is no peer "toString".'],
    [['--scenario', ''], 'There is no scenario "".'],
    [['--fast'], "Unknown option '--fast'"],
    [['fast'], "Unexpected argument 'fast'"],
  ])('refuses %j', (args, sentence) => {
    expect(() => readArguments(args)).toThrow(UsageError);
    expect(() => readArguments(args)).toThrow(sentence);
  });
});

describe('the plan', () => {
  const asked = { peers: ['bullmq', 'bee-queue'], rounds: 2, jobs: undefined, isQuick: false } as const;

  it('leaves peers out of what they have not, and says so', () => {
    const scenarios = ['drain-1', 'drain-priorities'];
    const parts = planOf({ ...asked, scenarios });
    expect(parts.map(({ name, theirs }) => [name, theirs.map((side) => side.name)])).toEqual([
      ['drain-1', ['bullmq', 'bee-queue']],
      ['drain-priorities', ['bullmq']],
    ]);
    expect(measurementsOf(parts)).toBe(2 * (3 + 2));
    expect(absencesOf({ ...asked, scenarios })).toEqual([
      'bee-queue has no priorities: it is not in drain-priorities.',
    ]);
    expect(planOf({ ...asked, peers: ['bee-queue'], scenarios: ['drain-priorities'] })).toEqual([]);
  });

  it('compares Millrace with itself where a scenario says so', () => {
    const [nest, million] = planOf({ ...asked, scenarios: ['drain-nest', 'million-rate'] });
    expect(nest?.theirs.map(({ name, scenario }) => [name, 'inNest' in scenario && scenario.inNest])).toEqual([
      ['bullmq', true],
      ['millrace (without NestJS)', false],
    ]);
    expect(million?.theirs).toMatchObject([{ name: 'millrace (10,000 waiting)', scenario: { waiting: 10_000 } }]);
    expect(absencesOf({ ...asked, scenarios: ['million-rate'] })).toEqual([]);
  });
});
