import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AnyJobs, Queue } from '@millrace/core';
import { Harness } from '../core/support/harness.ts';
import { waitFor } from '../support/wait-for.ts';
import { WorkerProgram } from './support/worker-program.ts';

const TEST_MS = 60_000;
const PATIENT = { timeoutMs: 20_000 };

describe('millrace-worker', () => {
  let harness: Harness;
  let queue: Queue<AnyJobs>;
  let program: WorkerProgram;

  beforeEach(async () => {
    harness = new Harness();
    queue = await harness.queue();
    program = await WorkerProgram.create(harness.prefix);
  });

  afterEach(async () => {
    await program.close();
    await harness.close();
  });

  function isRunning(): Promise<unknown> {
    return waitFor('the worker to run', async () => (await queue.workers()).length > 0, PATIENT);
  }

  async function stateOfWorker(): Promise<unknown> {
    const { told } = await program.status();
    return (told['health'] as { state?: string } | undefined)?.state;
  }

  it(
    'start runs a worker, status says how it is, TERM drains it and leaves nothing [seed:O18] [seed:A10] [seed:I15] [seed:R7]',
    async () => {
      expect(await program.run('status')).toEqual({ code: 3, output: 'It does not run.\n' });
      const { child, ended } = program.start();
      await isRunning();
      const said = await waitFor('an answer', async () => {
        const status = await program.status();
        return status.code === 0 ? status : undefined;
      });
      expect(said.told).toMatchObject({ state: 'running', pid: child.pid, health: { state: 'running' } });
      expect((await program.run('status')).output).toMatch(/Its worker is running\.\n +mail: 0 running, 0 taken ahead/);
      await queue.add('long', 1_000);
      await waitFor('it to run', async () => (await program.notes()).length === 1);
      child.kill('SIGTERM');
      await waitFor('it to drain', async () => (await stateOfWorker()) === 'stopping', PATIENT);
      await queue.add('note', 'too late');
      expect(await ended).toMatchObject({ code: 0 });
      expect((await program.notes()).at(-1)).toBe('end');
      expect(await queue.counts()).toMatchObject({ completed: 1, waiting: 1, active: 0 });
      expect(existsSync(program.pidFile)).toBe(false);
      expect(existsSync(`${program.pidFile}.sock`)).toBe(false);
    },
    TEST_MS,
  );

  it(
    'start runs every worker that the file exports, and one signal drains them all [seed:I14]',
    async () => {
      await program.close();
      program = await WorkerProgram.create(harness.prefix, '', ['mail', 'reports']);
      const reports = await harness.queue('reports');
      const { child, ended } = program.start();
      await isRunning();
      const jobs = [await queue.add('note', 'a mail'), await reports.add('note', 'a report')];
      await waitFor('both to run', async () => (await program.notes()).length === 2, PATIENT);
      expect((await program.notes()).sort()).toEqual(['a mail', 'a report']);
      expect([await queue.result(jobs[0]!.id), await reports.result(jobs[1]!.id)]).toEqual([undefined, undefined]);
      child.kill('SIGTERM');
      expect(await ended).toMatchObject({ code: 0 });
      expect([await queue.workers(), await reports.workers()]).toEqual([[], []]);
    },
    TEST_MS,
  );

  it(
    'USR2 and TSTP keep it from taking jobs, what runs goes on; CONT lets it take them again [seed:A10] [seed:R7]',
    async () => {
      const { child } = program.start();
      await isRunning();
      for (const signal of ['SIGUSR2', 'SIGTSTP'] as const) {
        child.kill(signal);
        await waitFor('it to be quiet', async () => (await stateOfWorker()) === 'paused', PATIENT);
        await queue.add('note', signal);
        expect((await queue.counts()).waiting).toBe(1);
        child.kill('SIGCONT');
        await waitFor('the job to run', async () => (await program.notes()).includes(signal), PATIENT);
      }
    },
    TEST_MS,
  );

  it(
    'a second TERM ends it at once: what runs goes back to the front, uncharged [seed:I15] [seed:R7] [seed:A9]',
    async () => {
      const { child, ended } = program.start();
      await isRunning();
      const job = await queue.add('long', 60_000);
      await waitFor('it to run', async () => (await program.notes()).length === 1, PATIENT);
      child.kill('SIGTERM');
      await waitFor('it to drain', async () => (await stateOfWorker()) === 'stopping', PATIENT);
      child.kill('SIGTERM');
      expect(await ended).toMatchObject({ code: 143 });
      expect(await queue.get(job.id)).toMatchObject({ state: 'waiting', failures: 0, stalls: 0 });
      expect(await queue.workers()).toEqual([]);
    },
    TEST_MS,
  );

  it(
    'start is refused while the process of the pid file lives, and takes over what a dead one left [seed:O18]',
    async () => {
      await writeFile(program.pidFile, '2147483646\n\n');
      expect((await program.status()).code).toBe(1);
      const { child, ended } = program.start();
      await isRunning();
      const second = program.start();
      const refused = await second.ended;
      expect(refused.code).toBe(1);
      expect(refused.output).toContain(`Process ${child.pid} runs already`);
      expect((await program.status()).told).toMatchObject({ pid: child.pid });
      child.kill('SIGKILL');
      await ended;
      expect((await program.status()).code).toBe(1);
      const third = program.start();
      await waitFor('it to answer', async () => (await program.status()).told['pid'] === third.child.pid, PATIENT);
    },
    TEST_MS,
  );

  it(
    'does not take a stranger for its process, whose id was used again [seed:O18]',
    async () => {
      // This process lives, but did not begin when the file says.
      await writeFile(program.pidFile, `${process.pid}\n1\n`);
      expect((await program.status()).code).toBe(process.platform === 'linux' ? 1 : 4);
    },
    TEST_MS,
  );

  it(
    'stop waits for what runs, and kills after the timeout [seed:O18]',
    async () => {
      const first = program.start();
      await isRunning();
      await queue.add('long', 500);
      await waitFor('it to run', async () => (await program.notes()).length === 1, PATIENT);
      expect(await program.run('stop', '--timeout', '20')).toMatchObject({ code: 0 });
      expect(await first.ended).toMatchObject({ code: 0 });
      expect((await program.notes()).at(-1)).toBe('end');
      expect(await program.run('stop')).toEqual({ code: 0, output: 'It does not run.\n' });

      const second = program.start();
      await isRunning();
      await queue.add('long', 60_000);
      await waitFor('it to run', async () => (await program.notes()).length === 3, PATIENT);
      const stopped = await program.run('stop', '--timeout', '1');
      expect(stopped.code).toBe(1);
      expect(stopped.output).toContain('was killed');
      await second.ended;
      expect(second.child.signalCode).toBe('SIGKILL');
      expect(existsSync(program.pidFile)).toBe(false);
    },
    TEST_MS,
  );

  it(
    '--processes N runs several, and starts those again that die [seed:R6]',
    async () => {
      const { child, ended } = program.start('--processes', '2', '--start-jitter-ms', '50');
      const pids = async (): Promise<number[]> => {
        const processes = ((await program.status()).told['processes'] ?? []) as { pid: number }[];
        return processes.map(({ pid }) => pid);
      };
      await waitFor('two to run', async () => (await queue.workers()).length === 2, PATIENT);
      const before = await waitFor('two to answer', async () => {
        const found = await pids();
        return found.length === 2 ? found : undefined;
      });
      await queue.add('crash', null, { maxStalls: 0 });
      await waitFor(
        'another one to follow',
        async () => {
          const now = await pids();
          return now.length === 2 && now.filter((pid) => before.includes(pid)).length === 1;
        },
        PATIENT,
      );
      await queue.add('note', 'after');
      await waitFor('work to go on', async () => (await program.notes()).includes('after'), PATIENT);
      const after = await pids();
      child.kill('SIGTERM');
      const said = await ended;
      expect(said.code).toBe(0);
      expect(said.output).toContain('ended with code 9');
      for (const pid of after) expect(() => process.kill(pid, 0)).toThrow();
    },
    TEST_MS,
  );

  it(
    'processes whose supervisor was killed drain and end [seed:R6]',
    async () => {
      const { child } = program.start('--processes', '2');
      await waitFor('two to run', async () => (await queue.workers()).length === 2, PATIENT);
      child.kill('SIGKILL');
      await waitFor('nobody to be left', async () => (await queue.workers()).length === 0, PATIENT);
    },
    TEST_MS,
  );

  it(
    '--max-rss-mb ends a process that has grown, when its jobs are done; its supervisor starts another one [seed:R9] [seed:R6]',
    async () => {
      const { ended } = program.start('--processes', '1', '--max-rss-mb', '300');
      await isRunning();
      await queue.add('grow', 400);
      const first = (await queue.workers())[0]!.epoch;
      await waitFor(
        'another one',
        async () => {
          const [worker] = await queue.workers();
          return worker !== undefined && worker.epoch !== first;
        },
        PATIENT,
      );
      expect(await queue.counts()).toMatchObject({ completed: 1, failed: 0 });
      await program.run('stop');
      const { output } = await ended;
      expect(output).toContain('its worker stops');
      expect(output).toContain('ended with code 75');
    },
    TEST_MS,
  );

  it(
    '--daemonize returns when it runs, and leaves a process that stop ends [seed:O18]',
    async () => {
      const log = join(program.folder, 'worker.log');
      const started = await program.start('--daemonize', '--log-file', log).ended;
      expect(started).toMatchObject({ code: 0, output: expect.stringContaining('Started as process') as unknown });
      await isRunning();
      await queue.add('note', 'in the background');
      await waitFor('it to run', async () => (await program.notes()).length === 1, PATIENT);
      const again = await program.start('--daemonize', '--log-file', log).ended;
      expect(again.code).toBe(1);
      expect(await program.run('stop')).toMatchObject({ code: 0 });
      expect((await program.status()).code).toBe(3);
    },
    TEST_MS,
  );

  it(
    'says what is wrong with a command line, and with a file that has no worker [seed:O18]',
    async () => {
      expect(await program.run('launch')).toMatchObject({
        code: 2,
        output: expect.stringContaining('no command') as unknown,
      });
      expect(await program.start('--processes', 'many').ended).toMatchObject({ code: 2 });
      expect(await program.start('--port', '7777').ended).toMatchObject({ code: 2 });
      await writeFile(program.file, 'export default 5;');
      const said = await program.start().ended;
      expect(said).toMatchObject({ code: 1, output: expect.stringContaining('exports no worker') as unknown });
      expect(existsSync(program.pidFile)).toBe(false);
    },
    TEST_MS,
  );
});
