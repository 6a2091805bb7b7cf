import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { beforeAll, describe, expect, it } from '@jest/globals';

const ROOT = join(import.meta.dirname, '../..');
const FIXTURES = join(import.meta.dirname, 'fixtures');

/** What the compiler says about `test/types/fixtures`: one line a fault, none when all is as it should be. */
async function compile(): Promise<string[]> {
  const args = [join(ROOT, 'node_modules/.bin/tsc'), '-p', import.meta.dirname, '--pretty', 'false'];
  const run = promisify(execFile)(process.execPath, args, { cwd: ROOT });
  // The compiler fails when it found faults, which it then printed; if it printed none, it did not run.
  const { stdout } = await run.catch((error: Error & { stdout?: string }) => ({
    stdout: error.stdout || error.message,
  }));
  return stdout.split('\n').filter((line) => line !== '');
}

/**
 * Each fixture holds lines that must compile, and lines below `@ts-expect-error` that must not: the compiler reports the
 * former when they do not, and the latter when they do.
 */
describe('what the compiler says of', () => {
  let report: string[] = [];

  beforeAll(async () => {
    report = await compile();
  }, 60_000);

  /** The lines about a fixture, and those that are about none (the compiler itself failed, a shared file is wrong). */
  const about = (fixture: string): string[] =>
    report.filter((line) => line.includes(`fixtures/${fixture}`) || !/fixtures\/[\w-]+\.ts/.test(line));

  it('a processor: its handlers are jobs, hooks, private methods and lookalikes are none [nest:H5] [seed:H1]', () => {
    expect(about('jobs-of.ts')).toEqual([]);
  });

  it('payloads: what JSON cannot keep is an error, and a Date arrives as a string [nest:M11]', () => {
    expect(about('json.ts')).toEqual([]);
  });

  it('a contract: producers give what the schema takes, handlers get what it gives [nest:H5]', () => {
    expect(about('contracts.ts')).toEqual([]);
  });

  it('a schedule: the job that it adds is one of the queue, with its data [core:B15]', () => {
    expect(about('schedules.ts')).toEqual([]);
  });

  it('handlers, hooks and options of a worker', () => {
    expect(about('handlers.ts')).toEqual([]);
  });

  it('batches: the data of each job, the value of its outcome', () => {
    expect(about('batches.ts')).toEqual([]);
  });

  it('nothing else', () => {
    expect(report).toEqual([]);
    expect(readdirSync(FIXTURES).sort()).toEqual([
      'add-of.ts',
      'batches.ts',
      'contracts.ts',
      'handlers.ts',
      'jobs-of.ts',
      'json.ts',
      'same.ts',
      'schedules.ts',
    ]);
  });
});
