import { writeFile } from 'node:fs/promises';

import { afterEach, beforeEach, expect, it } from '@jest/globals';

import { type PackageTree, packageTree } from '../../../../test/demo/support/package-tree.js';
import { runningStatus } from './audit-status.js';
import { AuditStore } from './audit-store.js';

let folder: PackageTree;
let store: AuditStore;
beforeEach(async () => {
  folder = await packageTree({});
  store = new AuditStore(folder.root);
});
afterEach(() => folder.remove());

const RECORD = { id: 'abc', folder: '/app', startedAt: '2025-01-01T00:00:00.000Z' };
const FOUND = { packages: [{ key: 'k', location: 'node_modules/a' }], workspaces: [] };
const DIGEST = { sha512: 'x', files: 1, bytes: 1 };
const INSPECTION = {
  ...{ name: 'a', version: '1.0.0', licence: 'MIT', licenceFile: null, problem: null },
  licenceSource: 'manifest' as const,
};

it('knows an outcome that was kept twice once', async () => {
  await store.keepDigest('abc', 'k', DIGEST);
  await store.keepDigest('abc', 'k', DIGEST);
  expect(await store.progress('abc')).toEqual({ inspected: new Set(), digested: new Set(['k']), unread: new Set() });
});

it('keeps what the first scan found', async () => {
  await store.keepFound('abc', FOUND);
  expect(await store.keepFound('abc', { packages: [], workspaces: [] })).toEqual(FOUND);
  expect(await store.found('abc')).toEqual(FOUND);
});

it('finds all again when a new process opens the folder', async () => {
  await store.begin(RECORD);
  await store.keepInspection('abc', 'k', INSPECTION);
  await store.keepDigest('abc', 'k', DIGEST);
  const later = new AuditStore(folder.root);
  expect(await later.records()).toEqual([RECORD]);
  expect((await later.outcomes('abc', FOUND.packages)).audited).toEqual([
    { key: 'k', location: 'node_modules/a', inspection: INSPECTION, digest: DIGEST },
  ]);
});

it('takes a file that a process did not finish for no outcome', async () => {
  await store.keepDigest('abc', 'k', DIGEST);
  await writeFile(`${folder.root}/abc/digested/half.draft`, '{"sha');
  expect((await store.progress('abc')).digested).toEqual(new Set(['k']));
});

it('tells which packages were not read to the end', async () => {
  await store.keepInspection('abc', 'k', INSPECTION);
  expect(await store.outcomes('abc', FOUND.packages)).toEqual({ audited: [], missing: FOUND.packages });
});

it('forgets an audit without a trace', async () => {
  await store.begin(RECORD);
  await store.keepFound('abc', FOUND);
  await store.remove('abc');
  expect(await store.records()).toEqual([]);
  expect(await store.found('abc')).toBeUndefined();
});

it('keeps the first end of an audit, and nothing that was only on the way there', async () => {
  await store.keepDigest('abc', 'k', DIGEST);
  const status = runningStatus(RECORD, FOUND, await store.progress('abc'));
  await store.end('abc', { ...status, state: 'finished' });
  await store.end('abc', { ...status, state: 'failed' });
  expect((await store.ended('abc'))?.state).toBe('finished');
  expect((await store.progress('abc')).digested.size).toBe(0);
});

it('lists the newest audit first, and none where there never was one', async () => {
  expect(await store.records()).toEqual([]);
  await store.begin(RECORD);
  await store.begin({ ...RECORD, id: 'def', startedAt: '2025-02-01T00:00:00.000Z' });
  expect((await store.records()).map(({ id }) => id)).toEqual(['def', 'abc']);
});
