import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from '@jest/globals';

import { readTreeFrom } from '../../scripts/lua/source/tree.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const page = ['README', 'administration'].map((name) => readFileSync(`${ROOT}lua/${name}.md`, 'utf8')).join('\n');
const records = readFileSync(`${ROOT}lua/records.md`, 'utf8');
const { commands, modules } = readTreeFrom(ROOT);

/** The cells of the row of a table whose first cell is this code. */
function rowOf(text: string, code: string): string[] {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`| \`${code}\` |`));
  return (
    line
      ?.slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim()) ?? []
  );
}

/** Keys as `h:<epoch>`, however they are grouped in the table. */
function documentedKeys(): Set<string> {
  const cells = records.split('\n').flatMap((line) => /^\| (`[^|]+`) \|/.exec(line)?.[1] ?? []);
  return new Set(cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, key = '']) => key)));
}

describe('the wire contract', () => {
  it.each(commands.map((command) => [command.name, command] as const))(
    'has the arguments, replies and class of %s as its source has them',
    (name, { header }) => {
      const [, args = '', reply = '', repeat] = rowOf(page, name);
      expect(repeat).toBe(header.repeat);
      for (const arg of header.args) expect(args).toContain(arg.name);
      if (header.rest !== undefined) expect(args).toContain(header.rest.fields.join(', '));
      for (const { code, fields } of header.replies) {
        expect(reply).toContain(`\`${code}\``);
        for (const field of fields) expect(reply).toContain(field.name);
      }
    },
  );

  it('has every key', () => {
    const patterns = [...commands, ...modules.values()].flatMap(({ header }) =>
      header.keys.map(({ pattern }) => pattern),
    );
    const channels = new Set(['n', 'w:<epoch>', '.']);
    const known = documentedKeys();
    const missing = [...new Set(patterns)].filter((pattern) => !known.has(pattern) && !channels.has(pattern));
    expect(missing).toEqual([]);
    for (const channel of ['<base>:n', '<base>:w:<epoch>']) expect(page).toContain(channel);
  });

  it('has every error code that a script can raise', () => {
    const codes = [...commands, ...modules.values()].flatMap(({ code }) =>
      [...code.matchAll(/refuse\.with\('([A-Z_]+)'/g)].map(([, found = '']) => found),
    );
    expect(new Set(codes).size).toBeGreaterThan(2);
    for (const code of [...codes, 'PROTOCOL']) expect(rowOf(page, code)).not.toEqual([]);
  });

  it('points only at headings that exist', () => {
    for (const [text, other] of [
      [page, records],
      [records, page],
    ] as const) {
      const anchors = (from: string): string[] =>
        [...from.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) => title.toLowerCase().replaceAll(' ', '-'));
      const links = [...text.matchAll(/\]\((?:README\.md|records\.md)?#([a-z-]+)\)/g)].map(([, anchor = '']) => anchor);
      expect(links.filter((link) => ![...anchors(text), ...anchors(other)].includes(link))).toEqual([]);
    }
  });
});
