import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';

import { CancelError, SnoozeError, UncountedLimitError, UnrecoverableError } from '../errors/index.js';
import { decide, type AttemptFacts, type Decision } from './retry-policy.js';

const FACTS: AttemptFacts = { failures: 0, maxAttempts: 3, uncounted: 0, maxUncounted: 5 };
class BadAddress extends Error {}
class WorseAddress extends BadAddress {}

const warn = jest.fn<(message: string) => void>();

function decideOn(thrown: unknown, facts: Partial<AttemptFacts> = {}): Decision {
  return decide(thrown, { ...FACTS, ...facts }, { backoffMs: (n) => n * 100, warn });
}

describe('decide', () => {
  it('tries again while attempts are left, and counts', () => {
    const error = new Error('x');
    expect(decideOn(error)).toEqual({ kind: 'retry', error, delayMs: 100 });
    expect(decideOn(error, { failures: 1 })).toEqual({ kind: 'retry', error, delayMs: 200 });
    expect(decideOn(error, { failures: 2 })).toEqual({ kind: 'fail', error });
    expect(decideOn(error, { maxAttempts: 1 })).toEqual({ kind: 'fail', error });
  });

  it.each(['card declined', 404, null, undefined, { status: 402 }, Object.freeze(new Error('x'))])(
    'treats %p like any error [case:A8]',
    (thrown) => {
      expect(decideOn(thrown)).toMatchObject({ kind: 'retry', error: expect.any(Error) as unknown });
    },
  );

  it('does what the handler says by the class of the error', () => {
    expect(decideOn(new UnrecoverableError('gone')).kind).toBe('fail');
    expect(decideOn(new CancelError()).kind).toBe('cancel');
    expect(decideOn(new SnoozeError({ delayMs: 7 }))).toMatchObject({ kind: 'snooze', delayMs: 7 });
  });

  it('lets that go before failOn, retryOn and isFailure', () => {
    const facts = { failOn: [Error], retryOn: [], isFailure: () => false };
    expect(decideOn(new SnoozeError({ delayMs: 7 }), facts).kind).toBe('snooze');
    expect(decideOn(new CancelError(), facts).kind).toBe('cancel');
    expect(decideOn(new UnrecoverableError(), { isFailure: () => false }).kind).toBe('fail');
  });

  it('fails at once on the errors of failOn, subclasses too', () => {
    expect(decideOn(new WorseAddress(), { failOn: [BadAddress] }).kind).toBe('fail');
    expect(decideOn(new Error('x'), { failOn: [BadAddress] }).kind).toBe('retry');
  });

  it('fails at once on all but the errors of retryOn', () => {
    expect(decideOn(new WorseAddress(), { retryOn: [BadAddress] }).kind).toBe('retry');
    expect(decideOn(new Error('x'), { retryOn: [BadAddress] }).kind).toBe('fail');
    expect(decideOn(new WorseAddress(), { retryOn: [BadAddress], failOn: [WorseAddress] }).kind).toBe('fail');
  });

  it('does not count what isFailure says is none, and waits longer each time [nest:M7]', () => {
    const error = new Error('busy');
    const facts = { isFailure: () => false, failures: 2 };
    expect(decideOn(error, facts)).toEqual({ kind: 'uncounted', error, delayMs: 100 });
    expect(decideOn(error, { ...facts, uncounted: 4 })).toEqual({ kind: 'uncounted', error, delayMs: 500 });
  });

  it.each([new Error('busy'), new SnoozeError({ delayMs: 7 })])(
    'ends what is never counted after maxUncounted tries [nest:M7]',
    (error) => {
      const decision = decideOn(error, { isFailure: () => false, uncounted: 5 });
      expect(decision.kind).toBe('fail');
      expect(UncountedLimitError.is(decision.error)).toBe(true);
      expect(decision.error.cause).toBe(error);
    },
  );

  it('counts where isFailure throws, and says so', () => {
    const isFailure = (): boolean => {
      throw new Error('broken predicate');
    };
    warn.mockClear();
    expect(decideOn(new Error('x'), { isFailure }).kind).toBe('retry');
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('broken predicate'));
  });

  it('survives a class whose hasInstance throws', () => {
    class Odd extends Error {
      static override [Symbol.hasInstance](): boolean {
        throw new Error('trap');
      }
    }
    expect(decideOn(new Error('x'), { failOn: [Odd] }).kind).toBe('retry');
  });

  it('tries again as often as maxAttempts says, whatever is thrown', () => {
    fc.assert(
      fc.property(fc.anything(), fc.integer({ min: 1, max: 20 }), (thrown, maxAttempts) => {
        let failures = 0;
        while (decideOn(thrown, { failures, maxAttempts }).kind === 'retry') failures += 1;
        expect(failures).toBe(maxAttempts - 1);
      }),
    );
  });
});
