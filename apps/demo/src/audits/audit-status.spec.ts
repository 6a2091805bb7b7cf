import { expect, it } from '@jest/globals';

import { endedStatus, runningStatus } from './audit-status.js';

const RECORD = { id: 'abc', folder: '/app', startedAt: '2025-01-01T00:00:00.000Z' };
const FOUND = { packages: ['a', 'b'].map((key) => ({ key, location: key })), workspaces: [] };

function progress(inspected: string[] = [], digested: string[] = [], unread: string[] = []) {
  return { inspected: new Set(inspected), digested: new Set(digested), unread: new Set(unread) };
}

it('knows nothing of packages before they were found', () => {
  expect(runningStatus(RECORD, undefined, progress())).toMatchObject({
    state: 'scanning',
    packages: null,
    jobsDone: 0,
    jobsTotal: 2,
  });
});

it('counts the scan, both jobs of each package, the parts, and the report', () => {
  const status = runningStatus(RECORD, FOUND, progress(['a', 'b'], ['a']));
  expect(status).toMatchObject({
    state: 'auditing',
    packages: 2,
    inspected: 2,
    digested: 1,
    jobsDone: 4,
    jobsTotal: 7,
  });
});

it('waits for no digest of a package that could not be inspected', () => {
  const status = runningStatus(RECORD, FOUND, progress(['a'], ['a'], ['b']));
  expect(status).toMatchObject({ state: 'reporting', unread: 1, jobsDone: 5, jobsTotal: 7 });
});

it('counts a package once that was given up and read after all', () => {
  const status = runningStatus(RECORD, FOUND, progress(['a', 'b'], ['a', 'b'], ['b']));
  expect(status).toMatchObject({ state: 'reporting', unread: 0, jobsDone: 5, jobsTotal: 7 });
});

it('has nothing left but the report where nothing is installed', () => {
  const status = runningStatus(RECORD, { packages: [], workspaces: [] }, progress());
  expect(status).toMatchObject({ state: 'reporting', packages: 0, jobsDone: 1, jobsTotal: 2 });
});

it('ends well with all jobs done, or badly with a reason', () => {
  const status = runningStatus(RECORD, FOUND, progress(['a', 'b'], ['a', 'b']));
  const at = new Date('2025-01-01T00:00:09.000Z');
  expect(endedStatus(status, at)).toMatchObject({
    state: 'finished',
    finishedAt: at.toISOString(),
    jobsDone: 7,
    failure: null,
  });
  expect(endedStatus(status, at, 'No.')).toMatchObject({
    state: 'failed',
    finishedAt: at.toISOString(),
    failure: 'No.',
  });
});
