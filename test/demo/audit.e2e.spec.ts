import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import type { QueueOf } from '@millrace/nestjs';
import { getQueueToken } from '@millrace/nestjs';

import { Audits, jobIds, Office, Packages } from '../../apps/demo/src/audits/audit-jobs.ts';
import { AuditStore } from '../../apps/demo/src/audits/audit-store.ts';
import { FindingsService } from '../../apps/demo/src/audits/findings.service.ts';
import { NightlyService } from '../../apps/demo/src/audits/nightly.service.ts';
import { redisUrl, uniquePrefix } from '../support/redis.ts';
import { waitFor } from '../support/wait-for.ts';
import { Auditor } from './support/auditor.ts';
import { counted } from './support/found.ts';
import { type PackageTree, packageTree } from './support/package-tree.ts';
import { plainCount } from './support/plain-count.ts';

let data: PackageTree;
let project: PackageTree;
let auditor: Auditor;

function settings() {
  return { connection: redisUrl(), prefix, auditsFolder: data.root, folder: project.root };
}

let prefix: string;
beforeEach(async () => {
  prefix = uniquePrefix('demo-');
  data = await packageTree({});
  project = await packageTree(PROJECT);
  auditor = await Auditor.start(settings());
});
afterEach(async () => {
  await auditor.stop();
  await Promise.all([data.remove(), project.remove()]);
});

const manifest = (name: string, version: string, license?: string) => ({ manifest: { name, version, license } });
const PROJECT = {
  'node_modules/a': manifest('a', '1.0.0', 'MIT'),
  'node_modules/a/lib/index.js': 'export {};',
  'node_modules/a/node_modules/b': manifest('b', '2.0.0', 'ISC'),
  'node_modules/b': manifest('b', '1.0.0', 'MIT'),
  'node_modules/@scope/c': manifest('@scope/c', '1.0.0'),
  'node_modules/own': { linkTo: '../packages/own' },
  'packages/own': manifest('own', '0.0.0'),
  'packages/own/node_modules/a': manifest('a', '3.0.0', 'MIT'),
};

it('finds by jobs what a plain count finds', async () => {
  const { report, ...status } = await auditor.end(await auditor.begin(project.root));
  expect(counted(report)).toEqual(plainCount(project.root));
  expect(report).toMatchObject({ workspaces: ['packages/own'], unread: [] });
  expect(report.withoutLicence.map(({ name }) => name)).toEqual(['@scope/c']);
  expect(status).toMatchObject({ state: 'finished', packages: 5, jobsDone: 13, jobsTotal: 13, failure: null });
});

it('tells by events how far it is, never going back, and ends the stream with the audit', async () => {
  const id = await auditor.begin(project.root);
  const done: number[] = [];
  let last = '';
  for await (const status of auditor.events(id)) {
    done.push(status.jobsDone);
    last = status.state;
  }
  expect(last).toBe('finished');
  expect(done).toEqual(done.toSorted((a, b) => a - b));
});

it('serves the report as a page, and lists the audit where audits are started', async () => {
  const id = await auditor.begin(project.root);
  await auditor.end(id);
  const page = await auditor.get(`audits/${id}/report`);
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(await page.text()).toContain('@scope/c');
  expect(await (await auditor.get('')).text()).toContain(`/audits/${id}/report`);
});

it('reports on a folder where nothing is installed', async () => {
  const empty = await packageTree({ 'node_modules/.package-lock.json': '{}' });
  try {
    const { report, ...status } = await auditor.end(await auditor.begin(empty.root));
    expect(status).toMatchObject({ state: 'finished', packages: 0, jobsDone: 2 });
    expect(report.totals).toEqual({ packages: 0, names: 0, files: 0, bytes: 0 });
  } finally {
    await empty.remove();
  }
});

it('ends an audit without the package that cannot be read, and says why', async () => {
  const damaged = await packageTree({ ...PROJECT, 'node_modules/d/package.json/file': '' });
  try {
    const { report, ...status } = await auditor.end(await auditor.begin(damaged.root));
    expect(status).toMatchObject({ state: 'finished', unread: 1, digested: 5, jobsDone: 15, jobsTotal: 15 });
    expect(report.unread).toEqual([{ location: 'node_modules/d', reason: expect.stringContaining('EISDIR') }]);
    expect(counted(report)).toEqual(plainCount(project.root));
  } finally {
    await damaged.remove();
  }
});

it('comes to the same report when every job runs twice', async () => {
  const audits = auditor.app.get<QueueOf<typeof Audits>>(getQueueToken(Audits.name));
  const packages = auditor.app.get<QueueOf<typeof Packages>>(getQueueToken(Packages.name));
  const audit = await auditor.begin(project.root);
  await waitFor('the scan', async () => (await status(audit)).packages !== null);
  const { packages: found } = JSON.parse(await data.read(`${audit}/found.json`)) as {
    packages: { key: string; location: string }[];
  };
  await audits.add('scan', { audit, folder: project.root }, { id: 'again:scan' });
  for (const one of found) {
    const again = { audit, folder: project.root, package: one };
    await packages.addMany([
      { name: 'inspect', data: again, options: { id: `again:inspect:${one.key}` } },
      { name: 'digest', data: again, options: { id: `again:digest:${one.key}` } },
    ]);
  }
  const part = { audit, folder: project.root, part: 0, packages: found };
  const digests = found.map(({ key }) => ({ queue: Packages.name, id: `again:digest:${key}` }));
  await audits.add('part', part, { id: 'again:part', dependsOn: digests });
  await audits.add('report', { audit, folder: project.root }, { id: 'again:report', dependsOn: ['again:part'] });
  const { report, ...end } = await auditor.end(audit);
  expect(counted(report)).toEqual(plainCount(project.root));
  expect(end).toMatchObject({ state: 'finished', packages: 5, jobsDone: 13, jobsTotal: 13 });
  // Two scans, parts and reports, and two of both jobs of each package: nothing that ran twice added anything more.
  await waitFor('all jobs of packages to end', async () => (await packages.counts()).completed === 20);
  await waitFor('the reports to end', async () => (await audits.counts()).completed >= 6);
  expect(await audits.counts()).toMatchObject({ completed: 6, waiting: 0, retrying: 0, active: 0, failed: 0 });
});

it('goes on after a restart where it was', async () => {
  const packages = auditor.app.get<QueueOf<typeof Packages>>(getQueueToken(Packages.name));
  await packages.pause();
  const audit = await auditor.begin(project.root);
  await waitFor('the scan', async () => (await status(audit)).packages !== null);
  await auditor.stop();

  auditor = await Auditor.start(settings());
  expect(await status(audit)).toMatchObject({ state: 'auditing', packages: 5, digested: 0 });
  await auditor.app.get<QueueOf<typeof Packages>>(getQueueToken(Packages.name)).resume();
  expect(counted((await auditor.end(audit)).report)).toEqual(plainCount(project.root));
});

it('lets the report wait for its parts, and these for their packages, over two queues', async () => {
  const audits = auditor.app.get<QueueOf<typeof Audits>>(getQueueToken(Audits.name));
  const packages = auditor.app.get<QueueOf<typeof Packages>>(getQueueToken(Packages.name));
  await packages.pause();
  const audit = await auditor.begin(project.root);
  await waitFor('the report to be added', async () => (await audits.counts()).blocked === 2);
  expect((await audits.get(jobIds.report({ audit, folder: '' })))?.dependsOn).toHaveLength(1);
  expect((await packages.counts()).blocked).toBe(5);
  await packages.resume();
  expect(await auditor.end(audit)).toMatchObject({ state: 'finished' });
});

it('tells all findings of an audit in one message', async () => {
  const audit = await auditor.begin(project.root);
  const { report } = await auditor.end(audit);
  // One package without a licence, two names in two versions.
  expect(await auditor.app.get(FindingsService).told(audit, report)).toEqual({ findings: 3, messages: 1 });
});

it('removes old audits every night, and leaves the newest ten', async () => {
  const startedAt = '2020-01-01T00:00:00.000Z';
  const old = Array.from({ length: 11 }, (_, index) => `${index}`.padStart(12, 'f'));
  for (const id of old) await auditor.app.get(AuditStore).begin({ id, folder: project.root, startedAt });
  const office = auditor.app.get<QueueOf<typeof Office>>(getQueueToken(Office.name));
  const { schedules } = await office.schedules();
  expect(schedules).toMatchObject([{ id: 'office/tidy', cron: '0 3 * * *', tz: 'Europe/Berlin', name: 'tidy' }]);
  expect(await auditor.app.get(NightlyService).now()).toMatchObject({ kept: 10, removed: 1 });
  expect(await auditor.app.get(AuditStore).records()).toHaveLength(10);
});

describe('a request that cannot be answered', () => {
  it.each([
    ['no folder', {}, 'Say which folder'],
    ['a number', { folder: 7 }, 'Say which folder'],
    ['a relative path', { folder: 'app' }, 'relative path'],
    ['a folder that is not there', { folder: '/nowhere/at/all' }, 'There is no folder'],
  ])('is refused with a sentence, and adds no job: %s', async (_, body, message) => {
    const response = await auditor.post(body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ message: expect.stringContaining(message) });
    const audits = auditor.app.get<QueueOf<typeof Audits>>(getQueueToken(Audits.name));
    expect(await audits.counts()).toMatchObject({ waiting: 0, active: 0, completed: 0 });
  });

  it.each(['ffffffffffff', 'x', '..%2f..%2fetc', 'constructor'])('has no audit to show: %s', async (id) => {
    for (const path of [`audits/${id}`, `audits/${id}/report`, `audits/${id}/events`]) {
      expect((await auditor.get(path)).status).toBe(404);
    }
  });

  it('asks for a report before there is one', async () => {
    await auditor.app.get<QueueOf<typeof Audits>>(getQueueToken(Audits.name)).pause();
    const id = await auditor.begin(project.root);
    expect((await auditor.get(`audits/${id}/report`)).status).toBe(409);
  });
});

async function status(audit: string): Promise<{ packages: number | null }> {
  return (await (await auditor.get(`audits/${audit}`)).json()) as { packages: number | null };
}
