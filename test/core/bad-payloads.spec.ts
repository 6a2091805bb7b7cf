import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ActiveJob, type AnyJobs, PayloadError, type Queue } from '@millrace/core';
import { CommandCount } from './support/command-count.ts';
import { Harness } from './support/harness.ts';

const cycle: Record<string, unknown> = { deep: { list: [] as unknown[] } };
(cycle['deep'] as { list: unknown[] }).list.push(cycle);

const throwing = Object.defineProperty({}, 'secret', {
  enumerable: true,
  get: () => {
    throw new Error('in a getter');
  },
});
const badToJson = {
  toJSON: () => {
    throw new Error('in toJSON');
  },
};

/** What JSON would drop, change in silence or not take at all; and where the message says it is. */
const UNSTORABLE: [string, unknown, string][] = [
  ['a BigInt [case:P4]', { user: { id: 1n } }, '.user.id'],
  ['a cycle [case:P5]', cycle, '.deep.list[0]'],
  ['a getter that throws [case:P5]', throwing, '.secret'],
  ['a toJSON that throws [case:P5]', { a: badToJson }, '.a'],
  ['NaN [case:P3]', { rows: [{ n: NaN }] }, '.rows[0].n'],
  ['Infinity [case:P3]', [Infinity], '[0]'],
  ['bytes [case:P6]', { file: new Uint8Array(1_048_576) }, '.file'],
  ['a function [case:P3]', { run: () => 1 }, '.run'],
  ['a symbol [case:P3]', { kind: Symbol('x') }, '.kind'],
  ['a Map [case:P3]', { map: new Map([['a', 1]]) }, '.map'],
  ['a Set [case:P3]', { set: new Set([1]) }, '.set'],
  ['an invalid Date [case:P3]', { at: new Date('x') }, '.at'],
  ['a Promise [case:P3]', { later: Promise.resolve(1) }, '.later'],
  ['undefined in a list [case:P3]', [1, undefined], '[1]'],
];

describe('a value that cannot be stored', () => {
  let harness: Harness;
  let queue: Queue<AnyJobs>;

  beforeEach(async () => {
    harness = new Harness();
    queue = await harness.queue();
    await queue.counts();
  });

  afterEach(() => harness.close());

  it.each(UNSTORABLE)('as data is refused before Redis is touched, with its path: %s', async (_, data, path) => {
    const count = await CommandCount.start(harness.url);
    const error = await queue.add('welcome', data).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PayloadError);
    expect(error).toMatchObject({ code: 'PAYLOAD', path: `data${path}` });
    expect((error as Error).message).toContain('Payload of "welcome" cannot be stored');
    expect(await count.ofScripts()).toBe(0);
  });

  it('as data leaves the calls beside it alone [case:P4]', async () => {
    const calls = [queue.add('a', 1), queue.add('b', 1n), queue.add('c', 3)];
    const settled = await Promise.allSettled(calls);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((await queue.list('waiting')).jobs.map(({ name }) => name)).toEqual(['a', 'c']);
  });

  it.each(UNSTORABLE)('as a result ends the job as failed, at once and with the reason: %s', async (_, value, path) => {
    let runs = 0;
    const handler = ({ name }: ActiveJob): unknown => {
      runs += 1;
      return name === 'bad' ? value : 'fine';
    };
    await harness.worker({ handler, concurrency: 1 });
    const bad = await queue.add('bad', 1);
    const good = await queue.add('good', 1);
    expect(await queue.result(good.id)).toBe('fine');
    expect(await queue.get(bad.id)).toMatchObject({ state: 'failed', error: { code: 'PAYLOAD' } });
    const message = (await queue.get(bad.id))?.error?.message;
    expect(message).toContain(`Result of job mail/${bad.id} cannot be stored`);
    expect(message).toContain(`result${path}`);
    expect(runs).toBe(2);
    expect(await queue.counts()).toMatchObject({ active: 0, retrying: 0 });
  });

  it('as progress or as the result of a step is refused where it is said, and the handler may go on', async () => {
    const refused: string[] = [];
    const handler = async (job: ActiveJob): Promise<string> => {
      await job.progress({ n: NaN }).catch((error: PayloadError) => refused.push(error.path));
      await job.step('one', () => 1n).catch((error: PayloadError) => refused.push(error.path));
      return 'done';
    };
    await harness.worker({ handler });
    expect(await queue.result((await queue.add('first', 1)).id)).toBe('done');
    expect(refused).toEqual(['progress.n', 'step']);
  });

  it('is refused in meta, too', async () => {
    const count = await CommandCount.start(harness.url);
    for (const meta of [{ a: 1 }, { a: undefined }, ['a'], 'a', { a: 'x'.repeat(20_000) }]) {
      const added = queue.add('welcome', 1, { meta: meta as unknown as Record<string, string> });
      await expect(added).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    }
    expect(await count.ofScripts()).toBe(0);
  });

  it('is a Buffer of a MiB, which as JSON has four: refused with its size, and with what to pass instead [case:P6]', async () => {
    const file = Buffer.alloc(1_048_576, 255);
    await expect(queue.add('first', { file })).rejects.toThrow(
      /is 4\.0 MiB .* limit maxPayloadBytes 1 MiB: store it elsewhere/,
    );
    await expect(queue.add('first', { file: new Uint8Array(file) })).rejects.toThrow(/toString\('base64'\)/);
    const { id } = await queue.add('first', { file: file.subarray(0, 700_000).toString('base64') });
    const { file: stored } = (await queue.get(id))!.data as { file: string };
    expect(Buffer.from(stored, 'base64').equals(file.subarray(0, 700_000))).toBe(true);
  });

  it('is no Date and no instance of a class: those become what JSON makes of them [case:P3]', async () => {
    class Point {
      readonly x = 1;
      readonly left = undefined;
    }
    await harness.worker({ handler: ({ data }) => data });
    const at = new Date('2026-01-01T00:00:00Z');
    const job = await queue.add('first', { at, point: new Point(), none: undefined, zero: -0 });
    expect(job.data).toEqual({ at: at.toISOString(), point: { x: 1 }, zero: 0 });
    expect(await queue.result(job.id)).toEqual(job.data);
  });
});
