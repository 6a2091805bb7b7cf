import { afterEach, expect, it } from '@jest/globals';

import { type PackageTree, packageTree, type TreeEntry } from '../../../../test/demo/support/package-tree.js';
import { inspectPackage } from './inspection.js';

let tree: PackageTree | undefined;
afterEach(() => tree?.remove());

const ISC_TEXT = 'with or without fee is hereby granted, provided that the above copyright notice';

async function inspect(entries: Record<string, TreeEntry>) {
  tree = await packageTree(entries);
  return inspectPackage(`${tree.root}/@scope/thing`);
}

it('takes name, version and licence from the manifest', async () => {
  const manifest = { name: '@scope/thing', version: '1.2.3', license: 'MIT' };
  expect(await inspect({ '@scope/thing': { manifest }, '@scope/thing/LICENSE': ISC_TEXT })).toEqual({
    name: '@scope/thing',
    version: '1.2.3',
    licence: 'MIT',
    licenceSource: 'manifest',
    licenceFile: 'LICENSE',
    problem: null,
  });
});

it('takes the licence from a text where the manifest states none', async () => {
  const found = await inspect({ '@scope/thing': { manifest: {} }, '@scope/thing/LICENCE.md': ISC_TEXT });
  expect(found).toMatchObject({ licence: 'ISC', licenceSource: 'text', licenceFile: 'LICENCE.md' });
});

it('says so when neither tells', async () => {
  const found = await inspect({ '@scope/thing': { manifest: {} }, '@scope/thing/COPYING': 'mine' });
  expect(found).toMatchObject({ licence: null, licenceSource: 'none', licenceFile: 'COPYING' });
});

it('reads a manifest that begins with a byte order mark', async () => {
  const found = await inspect({ '@scope/thing/package.json': '\uFEFF{"name":"marked"}' });
  expect(found).toMatchObject({ name: 'marked', version: null, problem: null });
});

it.each([
  ['{ "name": ', 'package.json is not valid JSON.'],
  ['[]', 'package.json does not hold an object.'],
])('tells of a manifest that it cannot understand, and names the package by its folder: %s', async (text, problem) => {
  const found = await inspect({ '@scope/thing/package.json': text });
  expect(found).toMatchObject({ name: '@scope/thing', version: null, licence: null, problem });
});

it('throws when the package is not there', async () => {
  await expect(inspect({ '@scope/other': { manifest: {} } })).rejects.toThrow('ENOENT');
});
