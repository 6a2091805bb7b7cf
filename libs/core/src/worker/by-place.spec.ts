import { describe, expect, it } from '@jest/globals';
import { ByPlace } from './by-place.js';

describe('values by place', () => {
  const a = { name: 'a' };
  const b = { name: 'b' };

  it('are found at their places, and iterated without the empty ones', () => {
    const values = new ByPlace<{ name: string }>();
    values.put(3, a);
    values.put(0, b);
    expect(values.at(3)).toBe(a);
    expect(values.at(1)).toBeUndefined();
    expect(values.at(99)).toBeUndefined();
    expect([...values]).toEqual([b, a]);
    expect(values.size).toBe(2);
  });

  it('are taken out only by who they are: a place may have been given to another', () => {
    const values = new ByPlace<{ name: string }>();
    values.put(1, a);
    expect(values.remove(1, b)).toBe(false);
    expect(values.remove(1, a)).toBe(true);
    expect(values.remove(1, a)).toBe(false);
    expect(values.size).toBe(0);
    values.put(1, b);
    expect([...values]).toEqual([b]);
  });
});
