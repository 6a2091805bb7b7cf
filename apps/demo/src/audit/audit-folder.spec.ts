import { afterEach, expect, it } from '@jest/globals';

import { type PackageTree, packageTree, type TreeEntry } from '../../../../test/demo/support/package-tree.js';
import { auditFolder, FolderError } from './audit-folder.js';

let tree: PackageTree | undefined;
afterEach(() => tree?.remove());

async function below(path: string, entries: Record<string, TreeEntry>): Promise<unknown> {
  tree = await packageTree(entries);
  return auditFolder(`${tree.root}${path}`);
}

it('gives the real path of a project, or of a node_modules folder', async () => {
  const entries = { 'app/node_modules/a/package.json': '{}', link: { linkTo: 'app' } };
  expect(await below('/link', entries)).toBe(`${tree!.root}/app`);
  expect(await auditFolder(` ${tree!.root}/app/node_modules/ `)).toBe(`${tree!.root}/app/node_modules`);
});

it.each([[undefined], [null], [42], [''], ['  '], [['/app']], [{}]])(
  'refuses %j: it names no folder',
  async (input) => {
    await expect(auditFolder(input)).rejects.toThrow('Say which folder');
  },
);

it.each([
  ['a relative path', 'some/app', 'relative path'],
  ['a path with a NUL', '/app\0', 'cannot be read'],
  ['a path of 5,000 letters', `/${'a'.repeat(5000)}`, 'cannot be read'],
])('refuses %s', async (_, input, message) => {
  await expect(auditFolder(input)).rejects.toThrow(message);
  await expect(auditFolder(input)).rejects.toBeInstanceOf(FolderError);
});

it.each([
  ['a folder that is not there', '/gone', 'There is no folder'],
  ['a file', '/file', 'is a file'],
  ['a path through a file', '/file/app', 'There is no folder'],
  ['a folder where nothing is installed', '/app', 'has no node_modules folder: install its dependencies'],
  ['a node_modules folder that is not there', '/app/node_modules', 'has no node_modules folder'],
])('refuses %s', async (_, path, message) => {
  await expect(below(path, { file: '', 'app/package.json': '{}' })).rejects.toThrow(message);
});
