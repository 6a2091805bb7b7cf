import { execFileSync } from 'node:child_process';

import { afterEach, expect, it } from '@jest/globals';

import { type PackageTree, packageTree, type TreeEntry } from '../../../../test/demo/support/package-tree.js';
import { digestPackage } from './digest.js';

const trees: PackageTree[] = [];
afterEach(() => Promise.all(trees.splice(0).map((tree) => tree.remove())));

async function digest(entries: Record<string, TreeEntry>) {
  const tree = await packageTree(entries);
  trees.push(tree);
  return digestPackage(tree.root);
}

it('counts files and bytes', async () => {
  expect(await digest({ 'a.js': '12345', 'lib/b.js': '123', 'lib/empty': '' })).toMatchObject({ files: 3, bytes: 8 });
});

it('is what sha512sum makes of the same files', async () => {
  const { sha512 } = await digest({ 'z.js': 'last', 'a/b.js': 'first', 'a-b.js': 'second', 'B.js': 'third' });
  const script = `find . -type f | sed 's|^./||' | LC_ALL=C sort | xargs sha512sum | sha512sum`;
  const output = execFileSync('sh', ['-c', script], { cwd: trees.at(-1)?.root, encoding: 'utf8' });
  expect(sha512).toBe(output.split(' ')[0]);
});

it('does not depend on the order in which files were made', async () => {
  const one = await digest({ 'a.js': 'A', 'b/c.js': 'C' });
  expect(await digest({ 'b/c.js': 'C', 'a.js': 'A' })).toEqual(one);
});

it.each([
  ['contents', { 'a.js': 'B', 'b.js': '' }],
  ['a name', { 'a.js': 'A', 'c.js': '' }],
  ['where one file ends and the next begins', { 'a.js': '', 'b.js': 'A' }],
  ['a file more', { 'a.js': 'A', 'b.js': '', 'c.js': '' }],
])('changes with %s', async (_, entries) => {
  const { sha512 } = await digest({ 'a.js': 'A', 'b.js': '' });
  expect((await digest(entries)).sha512).not.toBe(sha512);
});

it('leaves the packages inside out, but not a folder of that name further down', async () => {
  const entries = { 'a.js': 'A', 'node_modules/dep/index.js': 'long text', 'test/node_modules/fixture.js': 'F' };
  expect(await digest(entries)).toMatchObject({ files: 2, bytes: 2 });
});

it('takes a link as a file that holds its target, wherever that leads', async () => {
  expect(await digest({ link: { linkTo: '/nowhere' } })).toMatchObject({ files: 1, bytes: 8 });
});

it('ends when it is told to', async () => {
  const tree = await packageTree({ 'a.js': 'A' });
  trees.push(tree);
  await expect(digestPackage(tree.root, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
});
