import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { decodeError, describeError, encodeError, toError, UnrecoverableError } from '../index.js';

describe('describeError', () => {
  it('keeps name, message, code, stack and cause', () => {
    const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const info = describeError(new UnrecoverableError('The card was declined.', { cause }));
    expect(info).toMatchObject({
      name: 'UnrecoverableError',
      message: 'The card was declined.',
      code: 'UNRECOVERABLE',
      cause: { name: 'Error', message: 'connect ECONNREFUSED', code: 'ECONNREFUSED' },
    });
    expect(info.stack).toContain('describe-error.spec');
  });

  it('says how the attempt ended where throwing was not it', () => {
    expect(describeError(new Error('late'), 'timeout').kind).toBe('timeout');
    expect(describeError(new Error('late'))).not.toHaveProperty('kind');
  });

  it('keeps the frames of an error whose message is 50 MB long [case:P13]', () => {
    const text = encodeError(new Error('x'.repeat(50_000_000)));
    const info = decodeError(text);
    expect(text.length).toBeLessThan(60_000);
    expect(info.message).toHaveLength(10_000);
    expect(info.stack).toContain('describe-error.spec');
    expect(info.stack?.length).toBeLessThanOrEqual(16_384);
  });

  it('cuts a stack of 50 MB [case:P13]', () => {
    const error = new Error('x');
    error.stack = 'at f\n'.repeat(10_000_000);
    expect(describeError(error).stack).toHaveLength(16_384);
  });

  it('cuts a cycle of causes [case:P13]', () => {
    const first = new Error('first');
    first.cause = new Error('second', { cause: first });
    const info = describeError(first);
    expect(info.cause?.message).toBe('second');
    expect(info.cause?.cause).toBeUndefined();
  });

  it('keeps five causes of a long chain [case:P13]', () => {
    let error = new Error('0');
    for (let depth = 1; depth <= 50; depth++) error = new Error(String(depth).repeat(20_000), { cause: error });
    let causes = 0;
    for (let info = describeError(error).cause; info; info = info.cause) causes += 1;
    expect(causes).toBe(5);
    expect(encodeError(error).length).toBeLessThan(60_000);
  });

  it('describes a cause that is no Error', () => {
    expect(describeError(new Error('x', { cause: 'ENOENT' })).cause?.message).toContain('ENOENT');
  });

  it('names a message that cannot be read [case:P13]', () => {
    const error = new Error('x');
    for (const property of ['stack', 'message', 'name', 'code', 'cause']) {
      Object.defineProperty(error, property, {
        get() {
          throw new Error(`no ${property}`);
        },
      });
    }
    expect(describeError(error)).toEqual({ name: 'Error', message: expect.stringContaining('no message') });
  });

  it('shows a message, name or code that is no text', () => {
    const error = Object.assign(new Error('x'), { code: 404, name: 5, message: { reason: 'y' } });
    expect(describeError(error)).toMatchObject({ name: '5', code: '404', message: "{ reason: 'y' }" });
  });

  it('is bounded and readable again, whatever is thrown [case:A8]', () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true, withSparseArray: true }), (thrown) => {
        const error = toError(thrown);
        const text = encodeError(error);
        expect(text.length).toBeLessThan(60_000);
        expect(decodeError(text)).toEqual(describeError(error));
      }),
      { numRuns: 200 },
    );
  });
});

describe('decodeError', () => {
  it.each(['', 'null', '{', '"x"', '{"name":1}', 'some text of another client'])('reads %p as a message', (text) => {
    expect(decodeError(text)).toEqual({ name: 'Error', message: text });
  });
});
