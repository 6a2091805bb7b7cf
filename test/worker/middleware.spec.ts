import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Job, Worker, type ActiveJob, type AddMiddleware, type RunMiddleware } from '@millrace/core';
import { Harness } from '../core/support/harness.ts';
import { waitFor } from '../support/wait-for.ts';

describe('middleware', () => {
  let harness: Harness;

  beforeEach(() => {
    harness = new Harness();
  });

  afterEach(() => harness.close());

  describe('around run', () => {
    it('runs like an onion, the first outermost, and sees job, result and error [seed:R9] [seed:A22] [seed:R3]', async () => {
      const seen: string[] = [];
      const layer =
        (label: string): RunMiddleware =>
        async (job, next) => {
          seen.push(`${label} in ${job.name}`);
          try {
            const result = await next();
            seen.push(`${label} out ${String(result)}`);
            return `${String(result)}+${label}`;
          } catch (error) {
            seen.push(`${label} error ${(error as Error).message}`);
            throw error;
          }
        };
      const queue = await harness.queue();
      await harness.worker({
        middleware: [layer('a'), layer('b')],
        defaults: { maxAttempts: 1 },
        handlers: {
          good: () => 'result',
          bad: () => {
            throw new Error('no');
          },
        },
      });
      const good = await queue.add('good', null);
      expect(await queue.result(good.id)).toBe('result+b+a');
      expect(seen.splice(0)).toEqual(['a in good', 'b in good', 'b out result', 'a out result+b']);
      const bad = await queue.add('bad', null);
      await expect(queue.result(bad.id)).rejects.toThrow('no');
      expect(seen).toEqual(['a in bad', 'b in bad', 'b error no', 'a error no']);
    });

    it('may run the handler again, replace an error, or not run it at all [seed:R9]', async () => {
      let runs = 0;
      const again: RunMiddleware = async (_job, next) => {
        try {
          return await next();
        } catch {
          return next();
        }
      };
      const worded: RunMiddleware = async (job, next) => {
        if (job.name === 'skipped') return 'skipped';
        try {
          return await next();
        } catch (error) {
          throw new RangeError(`worded: ${(error as Error).message}`, { cause: error });
        }
      };
      const queue = await harness.queue();
      const handler = ({ name }: ActiveJob): number => {
        runs += 1;
        if (name === 'never' || runs === 1) throw new Error(`run ${runs}`);
        return runs;
      };
      await harness.worker({ middleware: [worded, again], handler, defaults: { maxAttempts: 1 } });
      expect(await queue.result((await queue.add('second', null)).id)).toBe(2);
      expect(await queue.result((await queue.add('skipped', null)).id)).toBe('skipped');
      expect(runs).toBe(2);
      const never = await queue.add('never', null);
      await expect(queue.result(never.id)).rejects.toThrow('worded: run 4');
      expect((await queue.get(never.id))?.error).toMatchObject({ name: 'RangeError' });
    });

    it('counts to the deadline, and what it does after that counts no more [seed:R9]', async () => {
      const queue = await harness.queue();
      const slow: RunMiddleware = async (job, next) => {
        await new Promise((resolve) => job.signal.addEventListener('abort', resolve));
        return next();
      };
      await harness.worker({ middleware: [slow], handler: () => 1, defaults: { maxAttempts: 1, timeoutMs: 50 } });
      const job = await queue.add('any', null);
      await expect(queue.result(job.id)).rejects.toMatchObject({ state: 'timed_out' });
    });
  });

  describe('around add', () => {
    it('sees name, data and options, may change them, and gets the job [seed:R9] [seed:R3]', async () => {
      const seen: unknown[] = [];
      const tenant: AddMiddleware = async (draft, next) => {
        seen.push(draft);
        const job = await next({ options: { ...draft.options, meta: { tenant: 'seven' } } });
        seen.push(job.id);
        return job;
      };
      const renamed: AddMiddleware = (draft, next) => next({ name: `${draft.name}.v2`, data: { v: draft.data } });
      const queue = await harness.queue('mail', { middleware: [tenant, renamed] });
      const job = await queue.add('welcome', 1, { priority: 3 });
      expect(seen).toEqual([{ queue: 'mail', name: 'welcome', data: 1, options: { priority: 3 } }, job.id]);
      expect(await queue.get(job.id)).toMatchObject({
        name: 'welcome.v2',
        data: { v: 1 },
        priority: 3,
        meta: { tenant: 'seven' },
      });
    });

    it('refuses by throwing: nothing is added, of a batch none [seed:R9]', async () => {
      const heard: string[] = [];
      const small: AddMiddleware = async (draft, next) => {
        if (draft.data === 13) throw new RangeError('not 13');
        return next().catch((error: unknown) => {
          heard.push((error as Error).message);
          throw error;
        });
      };
      const queue = await harness.queue('mail', { middleware: [small] });
      await expect(queue.add('any', 13)).rejects.toThrow('not 13');
      const drafts = [12, 13, 14].map((data) => ({ name: 'any', data }));
      await expect(queue.addMany(drafts)).rejects.toThrow('not 13');
      expect(heard).toEqual(['not 13', 'not 13']);
      expect((await queue.counts()).waiting).toBe(0);
    });

    it('goes around each job of a batch, which stays one command, in its order [seed:R9]', async () => {
      const later: AddMiddleware = async (draft, next) => {
        // The first is the last to come through.
        if (draft.data === 0) await waitFor('the others', () => asked.size === 4);
        asked.add(draft.data);
        return next({ options: { tags: [`t${String(draft.data)}`] } });
      };
      const asked = new Set<unknown>();
      const queue = await harness.queue('mail', { middleware: [later] });
      const jobs = await queue.addMany(Array.from({ length: 5 }, (_, data) => ({ name: 'any', data })));
      expect(jobs.map(({ data }) => data)).toEqual([0, 1, 2, 3, 4]);
      expect(jobs.map(({ tags }) => tags)).toEqual([0, 1, 2, 3, 4].map((n) => [`t${n}`]));
      expect((await queue.list('waiting')).jobs.map(({ data }) => data)).toEqual([0, 1, 2, 3, 4]);
      expect(await queue.addMany([])).toEqual([]);
    });

    it('may give another job instead of adding one [seed:R9]', async () => {
      const plain = await harness.queue();
      const first = await plain.add('any', 'first');
      const queue = await harness.queue('mail', {
        middleware: [async ({ data }, next) => (data === 'same' ? first : next())],
      });
      expect((await queue.add('any', 'same')).id).toBe(first.id);
      const jobs = await queue.addMany(['same', 'new', 'same'].map((data) => ({ name: 'any', data })));
      expect(jobs.map(({ data }) => data)).toEqual(['first', 'new', 'first']);
      expect(jobs.every((job) => job instanceof Job)).toBe(true);
      expect((await plain.counts()).waiting).toBe(2);
    });
  });

  it('is a list of functions, or refused', async () => {
    const connection = await harness.connection;
    const options = { connection, queues: 'mail', handler: () => 1 };
    expect(() => new Worker({ ...options, middleware: [5] as never })).toThrow(/middleware/);
    expect(() => new Worker({ ...options, middleware: (() => 1) as never })).toThrow(/middleware/);
    await expect(harness.queue('mail', { middleware: [{}] as never })).rejects.toThrow(/middleware/);
  });
});
