import { describe, expect, it } from '@jest/globals';

import { clip, showValue } from './show-value.js';

describe('showValue', () => {
  it('shows a value in one short line', () => {
    expect(showValue({ a: [1, 2], b: 'x' })).toBe("{ a: [ 1, 2 ], b: 'x' }");
    expect(showValue('tab\t')).toBe('"tab\\t"');
    expect(showValue('y'.repeat(50_000_000)).length).toBeLessThanOrEqual(80);
    expect(showValue(Array.from({ length: 10_000 }, () => 'z'.repeat(1_000))).length).toBeLessThanOrEqual(80);
  });

  it('runs no code of the value', () => {
    const value = {
      get trap(): never {
        throw new Error('getter');
      },
      [Symbol.for('nodejs.util.inspect.custom')](): never {
        throw new Error('inspect');
      },
    };
    expect(showValue(value)).toContain('[Getter]');
  });
});

describe('clip', () => {
  it('does not split a surrogate pair', () => {
    expect(clip('ab😀cd', 4)).toBe('ab…');
    expect(clip('ab😀cd', 5)).toBe('ab😀…');
    expect(clip('abcd', 4)).toBe('abcd');
  });
});
