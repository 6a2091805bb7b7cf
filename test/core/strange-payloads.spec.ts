import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ActiveJob, type AnyJobs, PayloadError, type Queue } from '@millrace/core';
import { waitFor } from '../support/wait-for.ts';
import { CommandCount } from './support/command-count.ts';
import { Harness } from './support/harness.ts';

const MIB = 1_048_576;

/** Strange, and yet every character must come back. */
const STRANGE = {
  emoji: '👩‍👩‍👧‍👦 😀',
  rtl: 'שלום \u202eabc',
  nul: 'a\0b',
  lines: 'a\r\nb\tc',
  separators: '\u2028\u2029\u0085',
  surrogates: '\ud800 \udfff',
  redis: '*1\r\n$8\r\nFLUSHALL\r\n',
  replacement: '\ufffd\ufeff',
};

describe('a strange payload', () => {
  let harness: Harness;
  let queue: Queue<AnyJobs>;

  beforeEach(async () => {
    harness = new Harness();
    queue = await harness.queue();
    await queue.counts();
  });

  afterEach(() => harness.close());

  it('comes back as it was: data, result, progress, log, meta and errors [case:P11]', async () => {
    const text = Object.values(STRANGE).join('|');
    // A line of a log is no JSON: what no UTF-8 text can hold is left out here.
    const wellFormed = text.replace(STRANGE.surrogates, '');
    const handler = async (job: ActiveJob): Promise<unknown> => {
      await job.progress(STRANGE);
      await job.log(wellFormed);
      if (job.name === 'fails') throw new Error(text);
      return [job.data, job.meta];
    };
    await harness.worker({ handler });
    const meta = { text };
    const job = await queue.add('first', STRANGE, { meta });
    expect(await queue.result(job.id)).toEqual([STRANGE, meta]);
    const stored = await queue.get(job.id);
    expect([stored?.data, stored?.meta, stored?.result, stored?.progressValue]).toEqual([
      STRANGE,
      meta,
      [STRANGE, meta],
      STRANGE,
    ]);
    expect(await queue.log(job.id)).toEqual([wellFormed]);
    const failed = await queue.add('fails', STRANGE, { maxAttempts: 1 });
    await expect(queue.result(failed.id)).rejects.toMatchObject({ error: { message: text } });
  });

  it.each(['*1\r\n$8\r\nFLUSHALL\r\n', 'FLUSHALL\r\n', '\r\n*-1\r\n', '$-1\r\n', '-ERR no\r\n', '+OK\r\n:1\r\n'])(
    'that looks like a command or an answer of Redis is a text like any other: %j [case:P15]',
    async (text) => {
      await harness.worker({ handler: ({ data }) => data });
      const count = await CommandCount.start(harness.url);
      const job = await queue.add('first', text, { meta: { text } });
      expect([await queue.result(job.id), (await queue.get(job.id))?.meta]).toEqual([text, { text }]);
      expect(await count.of('flushall')).toBe(0);
    },
  );

  it('has keys such as __proto__ that are keys like any other, all the way [case:P7]', async () => {
    const data = JSON.parse(
      '{"__proto__":{"admin":true},"constructor":{"prototype":{"x":1}},"toString":1,"hasOwnProperty":2}',
    );
    const meta = JSON.parse('{"__proto__":"a","constructor":"b","toString":"c"}') as Record<string, string>;
    const seen: unknown[] = [];
    const handler = (job: ActiveJob): unknown => {
      seen.push(JSON.stringify(job.data), { ...job.meta }, (job.data as { admin?: true }).admin);
      return job.data;
    };
    await harness.worker({ handler });
    const { id } = await queue.add('first', data, { meta, id: '__proto__' });
    expect(JSON.stringify(await queue.result(id))).toBe(JSON.stringify(data));
    expect(seen).toEqual([JSON.stringify(data), { ...meta }, undefined]);
    expect(JSON.stringify((await queue.get('__proto__'))?.data)).toBe(JSON.stringify(data));
    expect(({} as { admin?: true }).admin).toBeUndefined();
  });

  it('goes to the handler of its name, be the name __proto__ or constructor [case:P7]', async () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
    const handlers = Object.fromEntries(names.map((name) => [name, () => `ran ${name}`]));
    await harness.worker({ handlers });
    const jobs = await queue.addMany(names.map((name) => ({ name, data: 1 })));
    expect(await Promise.all(jobs.map(({ id }) => queue.result(id)))).toEqual(names.map((name) => `ran ${name}`));
    await queue.add('valueOf', 1, { id: 'unknown' });
    await waitFor('it to be set aside', async () => (await queue.counts()).unclaimed === 1);
    expect((await queue.get('unknown'))?.state).toBe('waiting');
  });

  it.each([1, 65_536, MIB - 2])('of %i characters comes back [case:P9]', async (length) => {
    await harness.worker({ handler: ({ data }) => (data as string).length });
    const job = await queue.add('first', 'x'.repeat(length));
    expect(await queue.result(job.id)).toBe(length);
    expect((await queue.get(job.id))?.data).toHaveLength(length);
  });

  it('that is larger than the limit is refused before Redis is touched [case:P9]', async () => {
    const count = await CommandCount.start(harness.url);
    for (const data of ['x'.repeat(MIB - 1), 'é'.repeat(MIB / 2), '\0'.repeat(175_000)]) {
      const error = await queue.add('first', data).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(PayloadError);
      expect((error as Error).message).toMatch(/1\.0 MiB \(\d+ bytes\), limit maxPayloadBytes 1 MiB/);
    }
    expect(await count.ofScripts()).toBe(0);
  });

  it('of 10 MiB under a raised limit runs, while leases are renewed in time [case:P9]', async () => {
    const large = await harness.queue('mail', { maxPayloadBytes: 11 * MIB });
    const worker = await harness.worker({
      handler: ({ data }) => (data as string).length,
      lease: { durationMs: 1_000 },
    });
    const epoch = worker.health().queues[0]?.epoch;
    const jobs = await Promise.all(Array.from({ length: 5 }, () => large.add('first', 'x'.repeat(10 * MIB))));
    const lengths = await Promise.all(jobs.map(({ id }) => large.result(id)));
    expect(lengths).toEqual(jobs.map(() => 10 * MIB));
    expect(worker.health().queues[0]?.epoch).toBe(epoch);
  });

  it('as a result that is too large ends the job as failed, with the size [case:P9]', async () => {
    await harness.worker({ handler: () => 'x'.repeat(2 * MIB) });
    const { id } = await queue.add('first', 1);
    await expect(queue.result(id)).rejects.toMatchObject({ state: 'failed', error: { code: 'PAYLOAD' } });
    expect((await queue.get(id))?.error?.message).toContain('the limit of results 1 MiB');
  });

  it.each(Object.entries({ ...STRANGE, braces: '{a}', empty: '', long: 'x'.repeat(257), huge: 'x'.repeat(MIB) }))(
    'cannot hide in a name or an id: %s [case:P11] [case:A13]',
    async (kind, text) => {
      const isAllowed = kind === 'emoji' || kind === 'rtl' || kind === 'replacement';
      const count = await CommandCount.start(harness.url);
      const named = queue.add(text, 1).then(({ name }) => name);
      const given = queue.add('first', 1, { id: text }).then(({ id }) => id);
      if (isAllowed) return expect(await Promise.all([named, given])).toEqual([text, text]);
      await expect(named).rejects.toMatchObject({ code: 'NAME' });
      await expect(given).rejects.toMatchObject({ code: 'NAME' });
      return expect(await count.ofScripts()).toBe(0);
    },
  );
});
