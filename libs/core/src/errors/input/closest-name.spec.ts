import { describe, expect, it } from '@jest/globals';

import { UnknownOptionError } from '../index.js';
import { closestName } from './closest-name.js';

const KNOWN = ['maxAttempts', 'maxStalls', 'delayMs', 'runAt', 'priority', 'id'];

describe('closestName', () => {
  it.each([
    ['maxAttemps', 'maxAttempts'],
    ['maxattempts', 'maxAttempts'],
    ['maxAttemtps', 'maxAttempts'],
    ['delayms', 'delayMs'],
    ['prioritiy', 'priority'],
    ['runat', 'runAt'],
    ['ID', 'id'],
  ])('%s was meant to be %s', (typed, meant) => {
    expect(closestName(typed, KNOWN)).toBe(meant);
  });

  it.each(['colour', 'zz', '', '__proto__', 'x'.repeat(10_000)])('%.20s was meant to be none of them', (typed) => {
    expect(closestName(typed, KNOWN)).toBeUndefined();
  });
});

describe('UnknownOptionError', () => {
  const where = (): string => "add('mail', 'welcome')";

  it('says which option was meant', () => {
    expect(new UnknownOptionError({ where, path: 'backoff.delayms', value: 1, known: KNOWN }).message).toBe(
      `Unknown option "backoff.delayms" in add('mail', 'welcome'). Did you mean "delayMs"?`,
    );
  });

  it('lists what there is when nothing is near', () => {
    expect(new UnknownOptionError({ where, path: 'colour', value: 1, known: ['a', 'b'] }).message).toContain(
      'Known: a, b.',
    );
  });
});
