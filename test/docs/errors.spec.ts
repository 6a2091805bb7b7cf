import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';

import * as errors from '../../libs/core/src/errors/index.js';
import { ERROR_CODES } from '../../libs/core/src/errors/index.js';

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/reference/errors.md'), 'utf8');

/** The rows of the page's tables: code, class, meaning, remedy. */
const ROWS = [...PAGE.matchAll(/^\| `([A-Z_]+)` \| (.+?) \| (.+?) \| (.+?) \|$/gm)].map(
  ([, code = '', type = '', means = '', remedy = '']) => ({ code, type, means, remedy }),
);

describe('docs/reference/errors.md', () => {
  it('has every error code once, and no other', () => {
    expect(new Set(ROWS.map(({ code }) => code))).toEqual(new Set(Object.keys(ERROR_CODES)));
    expect(ROWS).toHaveLength(Object.keys(ERROR_CODES).length);
  });

  it('says of each code what the catalogue says', () => {
    const catalogue = Object.entries(ERROR_CODES).map(([code, { means, remedy }]) => ({ code, means, remedy }));
    const page = ROWS.map(({ code, means, remedy }) => ({ code, means, remedy }));
    expect(page.sort(byCode)).toEqual(catalogue.sort(byCode));
  });

  it('names the classes that there are', () => {
    const named = ROWS.map(({ type }) => type.replaceAll('`', '')).filter((type) => type in errors);
    const exported = Object.keys(errors).filter((name) => name.endsWith('Error'));
    const others = ['JobsError', 'ConnectionError', 'toError', 'describeError', 'encodeError', 'decodeError'];
    expect(new Set(named)).toEqual(new Set(exported.filter((name) => !others.includes(name))));
  });
});

function byCode(a: { readonly code: string }, b: { readonly code: string }): number {
  return a.code.localeCompare(b.code);
}
