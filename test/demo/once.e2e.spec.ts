import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { afterEach, beforeEach, expect, it } from '@jest/globals';

import type { AuditReport } from '../../apps/demo/src/audit/report.ts';
import { counted } from './support/found.ts';
import { type PackageTree, packageTree } from './support/package-tree.ts';
import { plainCount } from './support/plain-count.ts';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const MINUTES = 60_000;

let data: PackageTree;
beforeEach(async () => (data = await packageTree({})));
afterEach(() => data.remove());

/** Runs the demo as its readers do, with data of its own, so on an embedded Redis of its own. */
async function demo(...args: string[]) {
  const { REDIS_URL: _, INIT_CWD: __, ...env } = process.env;
  const options = { cwd: REPOSITORY, env: { ...env, NODE_ENV: 'test', DEMO_DATA: data.root }, timeout: 2 * MINUTES };
  return promisify(execFile)('npm', ['run', '--silent', 'demo', '--', ...args], options);
}

it(
  'audits this repository with 500 jobs and more, and finds what a plain count finds',
  async () => {
    const { stdout, stderr } = await demo('--once');
    const expected = plainCount(REPOSITORY);

    const lines = stdout.trimEnd().split('\n');
    const summary = JSON.parse(lines.at(-1) ?? '') as {
      packages: number;
      jobs: number;
      failed: number;
      seconds: number;
      findings: number;
    };
    const parts = Math.ceil(expected.packages / 50);
    const jobs = 2 * expected.packages + parts + 2;
    expect(summary).toMatchObject({ packages: expected.packages, jobs, failed: 0, parts });
    // Nothing but names in several versions is to be told of this repository, all in one message.
    expect(summary).toMatchObject({ findings: Object.keys(expected.duplicates).length, messages: 1 });
    expect(summary).toMatchObject({ nightly: { kept: 1, removed: 0, next: expect.stringMatching(/T0[12]:00:00/) } });
    expect(summary.jobs).toBeGreaterThanOrEqual(500);
    expect(summary.seconds).toBeGreaterThan(0);
    for (const head of ['Licence ', 'Depended on: ', 'Told together: ', 'Done every night: ']) {
      expect(lines.some((line) => line.startsWith(head))).toBe(true);
    }
    expect(stderr).toContain('100 %');

    const [audit] = await readdir(`${data.root}/audits`);
    const report = JSON.parse(await data.read(`audits/${audit}/report.json`)) as AuditReport;
    expect(counted(report)).toEqual(expected);
  },
  3 * MINUTES,
);

it(
  'refuses a folder that is not there, in one sentence',
  async () => {
    await expect(demo('--once', '/nowhere/at/all')).rejects.toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'There is no folder /nowhere/at/all.\n',
    });
  },
  MINUTES,
);
