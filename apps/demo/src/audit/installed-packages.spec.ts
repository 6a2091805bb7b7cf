import { afterEach, expect, it } from '@jest/globals';

import { type PackageTree, packageTree, type TreeEntry } from '../../../../test/demo/support/package-tree.js';
import { findInstalledPackages } from './installed-packages.js';

let tree: PackageTree | undefined;
afterEach(() => tree?.remove());

const PACKAGE = { manifest: { name: 'any', version: '1.0.0' } } as const;

async function find(entries: Record<string, TreeEntry>, folder = '') {
  tree = await packageTree(entries);
  const { packages, workspaces } = await findInstalledPackages(`${tree.root}/${folder}`);
  return { locations: packages.map(({ location }) => location), workspaces, packages };
}

it('finds plain, scoped and nested packages, sorted by location', async () => {
  const { locations } = await find({
    'node_modules/b': PACKAGE,
    'node_modules/a': PACKAGE,
    'node_modules/a/node_modules/b': PACKAGE,
    'node_modules/@scope/c': PACKAGE,
    'node_modules/@scope/c/node_modules/@other/d': PACKAGE,
  });
  expect(locations).toEqual([
    'node_modules/@scope/c',
    'node_modules/@scope/c/node_modules/@other/d',
    'node_modules/a',
    'node_modules/a/node_modules/b',
    'node_modules/b',
  ]);
});

it('takes a node_modules folder itself as well as the folder around it', async () => {
  const { locations } = await find({ 'node_modules/a': PACKAGE }, 'node_modules');
  expect(locations).toEqual(['a']);
});

it('passes over hidden folders, plain files, folders without a manifest, and links that lead nowhere', async () => {
  const { locations } = await find({
    'node_modules/.bin': PACKAGE,
    'node_modules/.package-lock.json': '{}',
    'node_modules/readme.txt': 'text',
    'node_modules/leftover/index.js': '',
    'node_modules/gone': { linkTo: '../nowhere' },
    'node_modules/@empty/readme.txt': '',
    'node_modules/a/esm': PACKAGE,
    'node_modules/a': PACKAGE,
  });
  expect(locations).toEqual(['node_modules/a']);
});

it('lists a linked workspace apart, and finds what is installed in it', async () => {
  const { locations, workspaces } = await find({
    'node_modules/own': { linkTo: '../libs/own' },
    'libs/own': PACKAGE,
    'libs/own/node_modules/dep': PACKAGE,
  });
  expect(workspaces).toEqual(['libs/own']);
  expect(locations).toEqual(['libs/own/node_modules/dep']);
});

it('counts a package once however many links point at it, and ends in a ring of links', async () => {
  const { locations } = await find({
    'node_modules/.store/a@1/node_modules/a': PACKAGE,
    'node_modules/.store/a@1/node_modules/b': { linkTo: '../../b@1/node_modules/b' },
    'node_modules/.store/b@1/node_modules/b': PACKAGE,
    'node_modules/.store/b@1/node_modules/a': { linkTo: '../../a@1/node_modules/a' },
    'node_modules/a': { linkTo: '.store/a@1/node_modules/a' },
    'node_modules/again': { linkTo: '.store/a@1/node_modules/a' },
  });
  expect(locations).toEqual(['node_modules/.store/a@1/node_modules/a', 'node_modules/.store/b@1/node_modules/b']);
});

it('gives a location the same key every time, and no two locations one key', async () => {
  const first = await find({ 'node_modules/a': PACKAGE, 'node_modules/b': PACKAGE });
  await tree?.remove();
  const second = await find({ 'node_modules/a': PACKAGE, 'node_modules/b': PACKAGE });
  expect(second.packages).toEqual(first.packages);
  expect(new Set(first.packages.map(({ key }) => key)).size).toBe(2);
});

it('finds nothing where nothing is installed', async () => {
  expect((await find({ 'package.json': '{}' })).locations).toEqual([]);
});
