import { describe, expect, it, jest } from '@jest/globals';

import type { ActiveJob } from '../job/active-job.js';
import type { BackoffFunction } from '../options/index.js';
import { chooseBackoffMs } from './choose-backoff.js';

const job = { id: '42', queue: 'mail' } as ActiveJob;
const error = new Error('card declined');

function choose(run: unknown, n = 3): { readonly ms: number; readonly warnings: readonly string[] } {
  const warn = jest.fn<(message: string) => void>();
  const custom = new Map(run === undefined ? [] : [['slow', run as BackoffFunction]]);
  const ms = chooseBackoffMs({ type: 'custom', name: 'slow' }, n, error, job, { random: () => 0, custom, warn });
  return { ms, warnings: warn.mock.calls.map(([message]) => message) };
}

describe('chooseBackoffMs', () => {
  it('asks the function that was registered, with all that it may want to know [seed:O8, seed:A5]', () => {
    const run = jest.fn<BackoffFunction>(() => 1_500.4);
    expect(choose(run)).toEqual({ ms: 1_500, warnings: [] });
    expect(run).toHaveBeenCalledWith(3, error, job);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no such tenant');
      },
      'threw: no such tenant',
    ],
    [
      'throws something else',
      () => {
        throw 'x';
      },
      'threw: ',
    ],
    ['gives NaN', () => NaN, 'gave no number'],
    ['gives a negative number', () => -5, 'gave no number'],
    ['gives a text', () => '5', 'gave no number'],
    ['gives nothing', () => undefined, 'gave no number'],
    ['is async', () => Promise.resolve(5), 'it cannot be async'],
    ['is async and rejects', () => Promise.reject(new Error('later')), 'it cannot be async'],
    ['is not registered', undefined, 'is not registered'],
  ])('takes the default and warns when the function %s [case:A20]', (_, run, problem) => {
    const { ms, warnings } = choose(run);
    expect(ms).toBe(4_000);
    expect(warnings).toEqual([expect.stringContaining('Backoff "slow" of job mail/42 ')]);
    expect(warnings[0]).toContain(problem);
    expect(warnings[0]).toContain('The default backoff is used.');
  });

  it('handles the rejection of an async function, which would end the process [case:A20]', () => {
    const rejected = Promise.reject(new Error('later'));
    const handled = jest.spyOn(rejected, 'catch');
    choose(() => rejected);
    expect(handled).toHaveBeenCalledWith(expect.any(Function));
  });

  it('bounds what the function gives', () => {
    expect(choose(() => Infinity).ms).toBe(3_653 * 86_400_000);
    expect(choose(() => 0).ms).toBe(0);
  });

  it('needs no function for the others', () => {
    const means = { random: () => 0, custom: new Map<string, BackoffFunction>(), warn: jest.fn() };
    expect(chooseBackoffMs({ type: 'fixed', delayMs: 5, jitter: 0 }, 1, error, job, means)).toBe(5);
  });
});
