import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { defineQueue, job, Queue, type StandardSchema } from '@millrace/core';
import { Harness } from '../core/support/harness.ts';
import { waitFor } from '../support/wait-for.ts';

/** `{ at: "2026-01-01" }` becomes `{ at: Date }`; anything else is refused. */
const Digest: StandardSchema<{ at: string }, { at: Date }> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    async validate(value) {
      const at = (value as { at?: unknown } | undefined)?.at;
      if (at === 'boom') throw new Error('no such date');
      return typeof at === 'string'
        ? { value: { at: new Date(at) } }
        : { issues: [{ message: 'no date', path: ['at'] }] };
    },
  },
};
const Mail = defineQueue('mail', { digest: job(Digest).returns<string>(), welcome: job<{ userId: string }>() });

describe('the schema of a job', () => {
  let harness: Harness;

  beforeEach(() => {
    harness = new Harness();
  });

  afterEach(() => harness.close());

  async function contracted() {
    const connection = await harness.connection;
    return Queue.of(Mail, { connection });
  }

  it('refuses data that does not fit when it is added, alone and among others, and stores nothing [seed:O21]', async () => {
    const queue = await contracted();
    const bad = { at: 5 } as never;
    await expect(queue.add('digest', bad)).rejects.toMatchObject({
      code: 'PAYLOAD',
      path: 'data.at',
      message: 'Payload of "digest" does not fit its schema: data.at: no date.',
    });
    await expect(queue.add('digest', { at: 'boom' })).rejects.toMatchObject({ code: 'PAYLOAD' });
    const drafts = [
      { name: 'welcome', data: { userId: '1' } },
      { name: 'digest', data: bad },
    ] as const;
    await expect(queue.addMany(drafts)).rejects.toMatchObject({ code: 'PAYLOAD' });
    expect(await queue.counts()).toMatchObject({ waiting: 0 });
    await queue.close();
  });

  it('stores what was given, and hands the handler what the schema makes of it [seed:O21]', async () => {
    const queue = await contracted();
    await harness.worker({
      handlers: { digest: { schema: Digest, run: ({ data }) => (data as { at: Date }).at.toISOString() } },
    });
    const added = await queue.add('digest', { at: '2026-01-01' });
    expect(added.data).toEqual({ at: '2026-01-01' });
    expect(await queue.result(added.id)).toBe('2026-01-01T00:00:00.000Z');
    await queue.close();
  });

  it('ends a job whose stored data does not fit as broken, without running it, and can be retried after a mend, with all its attempts [seed:H7, seed:O21] [seed:H1] [case:O1]', async () => {
    const queue = await harness.queue();
    let runs = 0;
    let isStrict = true;
    const schema: StandardSchema = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: (value) => (isStrict ? Digest['~standard'].validate(value) : { value }),
      },
    };
    await harness.worker({ handlers: { digest: { schema, run: () => ++runs } } });
    const { id } = await queue.add('digest', { at: 5 });
    await waitFor('the job to be broken', async () => (await queue.get(id))?.state === 'broken');
    expect(runs).toBe(0);
    expect((await queue.get(id))?.error?.message).toContain('does not fit its schema: data.at: no date');
    expect((await queue.get(id))?.data).toEqual({ at: 5 });
    expect(await queue.get(id)).toMatchObject({ failures: 0, stalls: 0, payload: '{"at":5}' });
    isStrict = false;
    await queue.retry(id);
    expect(await queue.result(id)).toBe(1);
    expect(await queue.get(id)).toMatchObject({ failures: 0, attempt: 1 });
  });

  it('refuses what is no schema', async () => {
    const connection = await harness.connection;
    const jobs = { digest: { schema: {} as StandardSchema } };
    expect(() => new Queue('mail', { connection, jobs })).toThrow(/"jobs\.digest\.schema" .* Standard Schema/);
  });
});
