import { describe, expect, it } from '@jest/globals';

import { UnknownOptionError } from '../../errors/index.js';
import { JOB_DEFAULTS, layerJobDefaults, resolveJobDefaults, type JobDefaults } from '../index.js';

describe('resolveJobDefaults', () => {
  it('takes what can have a default, and nothing that belongs to one job', () => {
    const where = "new Queue('mail')";
    expect(resolveJobDefaults({ maxAttempts: 3, priority: 'low' }, where, 'defaults')).toEqual({
      maxAttempts: 3,
      priority: -10,
    });
    const wrong = { id: 'a' } as unknown as JobDefaults;
    expect(() => resolveJobDefaults(wrong, where, 'defaults')).toThrow(UnknownOptionError);
    expect(() => resolveJobDefaults(wrong, where, 'defaults')).toThrow('Unknown option "defaults.id"');
  });
});

describe('layerJobDefaults', () => {
  it('starts from the defaults of the library', () => {
    expect(layerJobDefaults()).toEqual({
      maxAttempts: 10,
      maxStalls: 3,
      maxUncounted: 1_000,
      backoff: { type: 'exponential', delayMs: 1_000, maxMs: 3_600_000, jitter: 0.25 },
      priority: 0,
    });
  });

  it('lets the later one say, and merges the halves of keep', () => {
    const layered = layerJobDefaults(
      { maxAttempts: 5, timeoutMs: 10, keep: { completed: { ageMs: 1 } } },
      {},
      { maxAttempts: 1, keep: { failed: { ageMs: 2 } } },
    );
    expect(layered).toEqual({
      ...JOB_DEFAULTS,
      maxAttempts: 1,
      timeoutMs: 10,
      keep: { completed: { ageMs: 1 }, failed: { ageMs: 2 } },
    });
  });
});
