import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { PayloadError } from '../errors/index.js';
import { decodePayload, encodePayload, type PayloadLimits } from './payload.js';

const LIMITS: PayloadLimits = { maxBytes: 1_048_576, subject: 'Payload of "welcome"' };

function encode(value: unknown, limits: Partial<PayloadLimits> = {}): string {
  return encodePayload(value, { ...LIMITS, ...limits });
}

function refusalOf(value: unknown, limits: Partial<PayloadLimits> = {}): PayloadError {
  try {
    encode(value, limits);
  } catch (error) {
    if (PayloadError.is(error)) return error;
    throw error;
  }
  throw new Error('it was taken');
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = { d: value };
  return value;
}

class Money {
  #currency = 'EUR';
  readonly amount = 5;
  show(): string {
    return `${this.amount} ${this.#currency}`;
  }
}

const cyclic: { a: { b?: unknown } } = { a: {} };
cyclic.a.b = cyclic;

const polluted = JSON.parse('{"__proto__":{"admin":true},"constructor":{"prototype":1},"toString":2}') as object;

describe('encodePayload', () => {
  it.each<[string, unknown, string, string, string]>([
    ['a bigint', { user: { birthday: 1n } }, 'data.user.birthday', 'is a BigInt', 'P4'],
    ['a boxed bigint', { n: Object(1n) as unknown }, 'data.n', 'is a BigInt', 'P4'],
    ['a cycle', cyclic, 'data.a.b', 'a cycle', 'P5'],
    ['NaN', { rows: [{ n: NaN }] }, 'data.rows[0].n', 'is NaN, which JSON would turn into null', 'P3'],
    ['Infinity', [1, -Infinity], 'data[1]', 'is -Infinity', 'P3'],
    ['a boxed NaN', { n: Object(NaN) as unknown }, 'data.n', 'is NaN', 'P3'],
    ['a function', { done: () => 1 }, 'data.done', 'is a function', 'P3'],
    ['a symbol', { tag: Symbol('x') }, 'data.tag', 'is a symbol', 'P3'],
    ['undefined in a list', { list: [1, undefined] }, 'data.list[1]', 'is undefined', 'P3'],
    ['a hole in a list', { list: Object.assign([], { length: 2 }) }, 'data.list[0]', 'is undefined', 'P3'],
    ['a Map', { seen: new Map([[1, 2]]) }, 'data.seen', 'is a Map', 'P3'],
    ['a Set', new Set([1]), 'data', 'is a Set', 'P3'],
    ['a Promise', { user: Promise.resolve(1) }, 'data.user', 'is a Promise. Await it first.', 'P3'],
    ['a RegExp', { match: /x/ }, 'data.match', 'is a RegExp', 'P3'],
    ['an Error', { cause: new Error('x') }, 'data.cause', 'is an Error', 'P3'],
    ['an invalid Date', { at: new Date('x') }, 'data.at', 'is an invalid Date', 'P3'],
    ['bytes', { file: new Uint8Array(3) }, 'data.file', 'is binary data', 'P3'],
    ['an unusual key', { 'a b': { '': 1n } }, 'data["a b"][""]', 'is a BigInt', 'P4'],
    [
      'a getter that throws',
      Object.defineProperty({}, 'x', { enumerable: true, get: () => JSON.parse('{') as unknown }),
      'data.x',
      'has a getter that threw',
      'P5',
    ],
    [
      'a toJSON that throws',
      { at: { toJSON: () => JSON.parse('{') as unknown } },
      'data.at',
      'a toJSON that threw',
      'P5',
    ],
    [
      'a hidden toJSON that gives NaN',
      { at: Object.defineProperty<object>({}, 'toJSON', { value: () => NaN }) },
      'data.at',
      'is NaN',
      'P3',
    ],
    ['a toJSON that gives NaN', { at: { toJSON: () => NaN } }, 'data.at', 'is NaN', 'P3'],
  ])('names the path of %s [case:P3] [case:P4] [case:P5]', (_, value, path, problem) => {
    const error = refusalOf(value);
    expect(error.path).toBe(path);
    expect(error.message).toContain(`Payload of "welcome" cannot be stored: ${path} `);
    expect(error.message).toContain(problem);
  });

  it('calls a result a result', () => {
    const error = refusalOf({ n: 1n }, { subject: () => 'Result of job mail/42', root: 'result' });
    expect(error.message).toMatch(/^Result of job mail\/42 cannot be stored: result\.n is a BigInt/);
  });

  it.each([1_001, 20_000])('refuses %i levels by a typed error [case:P12]', (depth) => {
    expect(refusalOf(nested(depth)).message).toContain('is nested deeper than 1000 levels');
    expect(refusalOf(nested(depth)).message.length).toBeLessThan(300);
  });

  it('takes 1,000 levels [case:P12]', () => {
    expect(decodePayload(encode(nested(1_000)))).toEqual({ ok: true, value: nested(1_000) });
  });

  it('refuses deep values where the stack is nearly full [case:P12]', () => {
    const near = (left: number): PayloadError | undefined => {
      try {
        return near(left + 1) ?? refusalOf({ at: nested(999), big: 1n });
      } catch {
        return undefined;
      }
    };
    expect(PayloadError.is(near(0))).toBe(true);
  });

  it.each([
    ['a Date', { at: new Date(0) }, '{"at":"1970-01-01T00:00:00.000Z"}'],
    ['an object with toJSON', { at: { toJSON: () => [1, 2] } }, '{"at":[1,2]}'],
    ['boxed primitives', { n: Object(2) as unknown, s: Object('x') as unknown }, '{"n":2,"s":"x"}'],
    ['a Buffer', Buffer.from('ab'), '{"type":"Buffer","data":[97,98]}'],
    ['undefined members', { a: undefined, b: 1 }, '{"b":1}'],
    ['members named by a symbol', { [Symbol('s')]: 1, b: 1 }, '{"b":1}'],
    ['an object without prototype', Object.assign(Object.create(null) as object, { a: 1 }), '{"a":1}'],
    [
      'the same object twice',
      [LIMITS.subject, LIMITS.subject],
      '["Payload of \\"welcome\\"","Payload of \\"welcome\\""]',
    ],
    ['null', null, 'null'],
    ['an empty list', [], '[]'],
    ['lists of lists', { a: [], b: [[]] }, '{"a":[],"b":[[]]}'],
    ['a lone surrogate', '\ud800', '"\\ud800"'],
  ])('keeps %s as JSON does [case:P3]', (_, value, text) => {
    expect(encode(value)).toBe(text);
  });

  it('keeps the members of an instance, not its class [case:P3]', () => {
    expect(encode({ price: new Money() })).toBe('{"price":{"amount":5}}');
  });

  it('calls toJSON with the key, as JSON.stringify does, and once', () => {
    const keys: string[] = [];
    const spy = { toJSON: (key: string) => keys.push(key) };
    encode({ first: spy, list: [spy] });
    expect(keys).toEqual(['first', '0']);
  });

  it('brings undefined back as undefined', () => {
    expect(encode(undefined)).toBe('');
    expect(decodePayload('')).toEqual({ ok: true, value: undefined });
    expect(encode({ toJSON: () => undefined })).toBe('');
  });

  it('leaves keys such as __proto__ inert [case:P7]', () => {
    for (const value of [polluted, { at: new Date(0), nested: polluted, big: { toJSON: () => polluted } }]) {
      const decoded = decodePayload(encode(value));
      expect(JSON.stringify(decoded.ok && decoded.value)).toBe(JSON.stringify(value));
    }
    expect(({} as { admin?: unknown }).admin).toBeUndefined();
  });

  it.each([
    ['of one byte a character', 'x'.repeat(98)],
    ['of three bytes a character', '€'.repeat(32) + 'xx'],
    ['of four bytes a character', '😀'.repeat(24) + 'xx'],
  ])('counts bytes in a text %s [case:P9]', (_, text) => {
    expect(encode(text, { maxBytes: 100 })).toHaveLength(text.length + 2);
    expect(refusalOf(`${text}x`, { maxBytes: 100 }).message).toContain('is 101 bytes, limit maxPayloadBytes 100 bytes');
  });

  it('says how large it is and how large it may be [case:P9] [seed:R13]', () => {
    expect(refusalOf('x'.repeat(1_468_006)).message).toBe(
      'Payload of "welcome" is 1.4 MiB (1468008 bytes), limit maxPayloadBytes 1 MiB: store it elsewhere and pass a reference.',
    );
  });

  it('takes 10 MiB under a raised limit [case:P9]', () => {
    expect(encode('x'.repeat(10_485_760), { maxBytes: 11_000_000 })).toHaveLength(10_485_762);
  });

  it('refuses a Proxy that throws by a typed error', () => {
    const proxy = new Proxy({}, { ownKeys: () => JSON.parse('{') as string[] });
    expect(refusalOf({ proxy }).message).toContain('cannot be read');
  });

  it('brings back what JSON can hold, byte by byte [case:P1] [case:P2] [case:P7] [case:P11]', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false, maxDepth: 5 }), (value) => {
        const text = encode(value);
        expect(text).toBe(JSON.stringify(value));
        const decoded = decodePayload(text);
        expect(decoded.ok && encode(decoded.value)).toBe(text);
      }),
    );
  });

  it('takes nothing that comes back as something else, dates and members left out apart [case:P3]', () => {
    const odd = fc.oneof(
      fc.bigInt(),
      fc.constantFrom(NaN, Infinity, undefined),
      fc.date({ noInvalidDate: false }),
      fc.func(fc.nat()),
    );
    const anything = fc.anything({
      values: [fc.string(), fc.integer(), fc.boolean(), fc.constant(null), odd],
      withMap: true,
      withSet: true,
    });
    fc.assert(
      fc.property(anything, (value) => {
        let text: string;
        try {
          text = encode(value);
        } catch (error) {
          expect(PayloadError.is(error)).toBe(true);
          return;
        }
        expect(text).toBe(JSON.stringify(value) ?? '');
        if (text !== '') expect(countNulls(JSON.parse(text))).toBe(countNulls(value));
      }),
    );
  });
});

function countNulls(value: unknown): number {
  if (value === null) return 1;
  if (typeof value !== 'object') return 0;
  return Object.values(value).reduce<number>((sum, member) => sum + countNulls(member), 0);
}

describe('decodePayload', () => {
  it.each(['{', '{"a":', 'undefined', 'NaN', "{'a':1}", '{"a":1}x', '\0'])(
    'reports %p as broken and keeps it [case:P8]',
    (text) => {
      expect(decodePayload(text)).toEqual({ ok: false, text, reason: expect.stringMatching(/JSON/) as unknown });
    },
  );

  it('reads a text of 200,000 levels [case:P12]', () => {
    expect(decodePayload(`${'['.repeat(200_000)}${']'.repeat(200_000)}`).ok).toBe(true);
  });
});
