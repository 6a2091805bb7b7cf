import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { InvalidNameError, type NameKind } from '../errors/index.js';
import { validateName } from './names.js';

describe('validateName', () => {
  it.each([
    'mail',
    'mail.digest',
    '123',
    'a:b',
    '../x',
    'with spaces',
    ' leading and trailing ',
    '*',
    '__proto__',
    'constructor',
    'wëlcome 你好 🎉 مرحبا 👩‍👩‍👧',
    'x'.repeat(256),
    'é'.repeat(128),
  ])('takes %p as it is [case:A13] [case:A14]', (name) => {
    expect(validateName('job', name)).toBe(name);
  });

  it.each([
    ['', 'it must not be empty'],
    ['{mail}', 'braces are not allowed; Millrace adds the Cluster hash tag itself'],
    ['}', 'braces are not allowed'],
    ['a\nb', 'control characters'],
    ['a\0b', 'control characters'],
    ['a\tb', 'control characters'],
    ['a\x7fb', 'control characters'],
    ['a\u0085b', 'control characters'],
    ['a\u2028b', 'line breaks'],
    ['a\ud800b', 'surrogate'],
    ['\udc00', 'surrogate'],
    ['x'.repeat(257), 'longer than 256 bytes'],
    ['é'.repeat(129), 'longer than 256 bytes'],
    ['x'.repeat(1_000_000), 'longer than 256 bytes'],
    [5, 'it must be a string'],
    [undefined, 'it must be a string'],
    [null, 'it must be a string'],
    [{ toString: () => 'mail' }, 'it must be a string'],
  ])('refuses %.30p [case:A13] [case:A14] [case:P11]', (name, problem) => {
    expect(() => validateName('queue', name)).toThrow(InvalidNameError);
    expect(() => validateName('queue', name)).toThrow(problem);
  });

  it.each<[NameKind, string]>([
    ['queue', 'Queue name "{a}": braces are not allowed; Millrace adds the Cluster hash tag itself.'],
    ['job', 'Job name "{a}": braces are not allowed.'],
    ['job id', 'Job id "{a}": braces are not allowed.'],
    ['key prefix', 'Key prefix "{a}": braces are not allowed; Millrace adds the Cluster hash tag itself.'],
  ])('says of a %s what is wrong', (kind, message) => {
    expect(() => validateName(kind, '{a}')).toThrow(message);
  });

  it('shows no more of a long name than a line', () => {
    const refuse = (): string => validateName('job', 'x'.repeat(10_000_000));
    expect(refuse).toThrow(expect.objectContaining({ message: expect.stringMatching(/^.{1,140}$/) as unknown }));
  });

  it('takes a text if, and only if, UTF-8 brings it back, short enough, without braces and control characters', () => {
    const units = fc.string({ unit: fc.nat({ max: 0xffff }).map((code) => String.fromCharCode(code)), maxLength: 300 });
    fc.assert(
      fc.property(fc.oneof(units, fc.string({ unit: 'grapheme', maxLength: 300 })), (text) => {
        const survives = Buffer.from(text).toString() === text && !/\p{Cs}/u.test(text);
        const isRight =
          survives && text !== '' && Buffer.byteLength(text) <= 256 && !/[{}\p{Cc}\p{Zl}\p{Zp}]/u.test(text);
        if (isRight) expect(validateName('job', text)).toBe(text);
        else expect(() => validateName('job', text)).toThrow(InvalidNameError);
      }),
    );
  });
});
