import { describe, expect, it } from '@jest/globals';

import { describeError, InvalidOptionError, UnknownOptionError } from '../errors/index.js';
import { resolveConnectSettings, type Logger, type RedactOptions } from '../options/index.js';
import { redactingLogger } from './index.js';

const redactionOf = (redact?: boolean | RedactOptions) => resolveConnectSettings({ redact }).redact;

describe('what a value shows', () => {
  it('is a copy, without the members that are secrets, at any depth [case:S11]', () => {
    const data = { user: 'ann', card: { number: '4', cvc_token: 1 }, list: [{ password: { a: 1 } }, 'redis://u:p@h'] };
    const before = structuredClone(data);
    expect(redactionOf().value(data)).toEqual({
      user: 'ann',
      card: { number: '4', cvc_token: '***' },
      list: [{ password: '***' }, 'redis://u:***@h'],
    });
    expect(data).toEqual(before);
  });

  it('has members that are called __proto__ or constructor, and no other prototype by them [case:S14]', () => {
    const shown = redactionOf().value(JSON.parse('{"__proto__":{"admin":true},"constructor":{"prototype":1}}'));
    expect(JSON.stringify(shown)).toBe('{"__proto__":{"admin":true},"constructor":{"prototype":1}}');
    expect((shown as { admin?: boolean }).admin).toBeUndefined();
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  it('is said of a member that cannot be read, and of one that leads back', () => {
    const odd = {
      self: {},
      get broken(): never {
        throw new Error('no');
      },
    };
    odd.self = odd;
    expect(redactionOf().value(odd)).toEqual({ self: '[circular]', broken: '(cannot be read)' });
    expect(redactionOf().value(new Date(0))).toEqual(new Date(0));
  });
});

describe('what an error shows', () => {
  const error = new Error('password=s3cret of ann@example.org', { cause: new Error('token: s3cret') });

  it('is kept without secrets in its message, its stack and its causes [case:S11]', () => {
    const shown = redactionOf().error(describeError(error));
    expect(JSON.stringify(shown)).not.toContain('s3cret');
    expect(shown).toMatchObject({ message: 'password=*** of ann@example.org', cause: { message: 'token: ***' } });
    expect(shown.stack).toContain('redaction.spec');
  });

  it('is what a function of the application lets through, or nothing when that fails [case:S11]', () => {
    const text = (said: string): string => said.replaceAll('ann@example.org', '<mail>');
    expect(redactionOf({ text }).error(describeError(error)).message).toBe('password=*** of <mail>');
    const broken = redactionOf({
      text: () => {
        throw new Error('no');
      },
    });
    expect(broken.error(describeError(error)).message).toBe('(hidden: redact.text threw)');
    expect(redactionOf({ text: () => undefined as never }).text('a')).toBe('(hidden: redact.text gave no text)');
    expect(redactionOf({ text: () => 'x'.repeat(1e6) }).text('a')).toHaveLength(16_384);
  });

  it('is everything where nothing is to be hidden', () => {
    expect(redactionOf(false).error(describeError(error))).toEqual(describeError(error));
    expect(redactionOf(false).value(error)).toBe(error);
  });
});

describe('a logger', () => {
  it('gets lines without secrets, errors as errors, and each line once [case:S11]', () => {
    const lines: [string, { readonly error?: Error } | undefined][] = [];
    const keep = (message: string, fields?: object): void => void lines.push([message, fields]);
    const logger: Logger = { debug: keep, info: keep, warn: keep, error: keep };
    let looked = 0;
    const redaction = redactionOf({ text: (said) => ((looked += 1), said) });
    const outer = redactingLogger(redactingLogger(logger, redaction), redaction);
    outer.warn('to redis://u:s3cret@h', { token: 's3cret' });
    expect([looked, lines]).toEqual([1, [['to redis://u:***@h', { token: '***' }]]]);
    const cause = Object.assign(new TypeError('token=s3cret'), { code: 'E_X', stack: undefined });
    outer.error('Failed', { error: cause });
    const error = lines[1]?.[1]?.error;
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: 'TypeError', message: 'token=***', code: 'E_X' });
    expect(error?.stack).toBeUndefined();
  });
});

describe('the option redact', () => {
  it.each<[unknown, string]>([
    ['all', 'true, false, or { fields, text }'],
    [null, 'true, false, or { fields, text }'],
    [{ fields: 'iban' }, 'a list of names'],
    [{ fields: ['-'] }, 'a list of names'],
    [{ fields: [1] }, 'a list of names'],
    [{ text: 'x' }, 'a function'],
  ])('%p is refused with what would be right', (redact, expected) => {
    const resolve = (): unknown => resolveConnectSettings({ redact: redact as boolean });
    expect(resolve).toThrow(InvalidOptionError);
    expect(resolve).toThrow(expected);
  });

  it('that is misspelt within is answered with what was meant', () => {
    const resolve = (): unknown => resolveConnectSettings({ redact: { field: ['iban'] } as RedactOptions });
    expect(resolve).toThrow(UnknownOptionError);
    expect(resolve).toThrow('Did you mean "fields"?');
  });

  it('adds names to those that are hidden anyway [case:S11]', () => {
    const shown = redactionOf({ fields: ['iban'] }).value({ user_IBAN: 1, password: 2, name: 3 });
    expect(shown).toEqual({ user_IBAN: '***', password: '***', name: 3 });
  });
});
