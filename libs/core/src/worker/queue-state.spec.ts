import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { QueueState } from './queue-state.js';

/** The letters of the features that the scripts of this release know. */
function letters(): string {
  const source = readFileSync(new URL('../../../../lua/lib/features.lua', import.meta.url), 'utf8');
  return /bits, '\[\^(\w+)\]'/.exec(source)?.[1] ?? '';
}

describe('QueueState', () => {
  it('knows each feature that the scripts of this release can switch on, and no other [core:A14]', () => {
    expect(letters().length).toBeGreaterThan(8);
    const state = new QueueState();
    for (const letter of letters()) {
      state.learn(letter);
      expect([letter, state.isKnown]).toEqual([letter, true]);
    }
    state.learn('?');
    expect(state.isKnown).toBe(false);
  });
});
