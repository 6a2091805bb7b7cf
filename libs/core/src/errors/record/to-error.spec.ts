import { runInNewContext } from 'node:vm';

import { describe, expect, it } from '@jest/globals';

import { ThrownValueError, toError } from '../index.js';

const cyclic: { self?: unknown } = {};
cyclic.self = cyclic;

describe('toError', () => {
  it.each([
    ['a string', 'card declined', 'card declined'],
    ['a number', 404, '404'],
    ['null', null, 'null'],
    ['undefined', undefined, 'undefined'],
    ['a bigint', 1n, '1n'],
    ['a symbol', Symbol('stop'), 'Symbol(stop)'],
    ['an object', { status: 402, reason: 'card declined' }, "{ status: 402, reason: 'card declined' }"],
    ['an object with a message', { message: 'card declined' }, "{ message: 'card declined' }"],
    ['a cyclic object', cyclic, '[Circular *1]'],
    ['a function', () => 1, 'Function'],
  ])('wraps %s and keeps it [case:A8]', (_, thrown, shown) => {
    const error = toError(thrown);
    expect(error).toBeInstanceOf(Error);
    expect(error.message).toContain(shown);
    expect(ThrownValueError.is(error) && error.thrown).toBe(thrown);
  });

  it('wraps a Proxy whose every trap throws [case:A8]', () => {
    const throwing = (): never => {
      throw new Error('trap');
    };
    const hostile = new Proxy({}, { get: throwing, getPrototypeOf: throwing, ownKeys: throwing, has: throwing });
    expect(toError(hostile).message).not.toBe('');
  });

  it('wraps 50 MB of text without keeping it in the message [case:P13]', () => {
    expect(toError('x'.repeat(50_000_000)).message.length).toBeLessThan(10_000);
  });

  it.each([
    ['an Error', new TypeError('x')],
    ['a frozen one', Object.freeze(new Error('x'))],
    ['one of another realm', runInNewContext('new RangeError("x")') as Error],
    ['one without the prototype of any', Object.setPrototypeOf(new Error('x'), null) as Error],
    ['an aborted signal', AbortSignal.abort().reason as Error],
  ])('returns %s as it is [case:A8]', (_, error) => {
    expect(toError(error)).toBe(error);
  });
});
