import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { InvalidNameError, JobsError, listQueues, type AnyJobs, type Connection, type Queue } from '@millrace/core';
import { waitFor } from '../support/wait-for.ts';
import { CommandCount } from './support/command-count.ts';
import { Harness } from './support/harness.ts';

/** Lua, RESP, globs, keys of other queues: each is a name like any other. */
const HOSTILE = [
  `'); redis.call('FLUSHALL') --`,
  `]] redis.call("SET", "stolen", 1) --[[`,
  '"..redis.call("FLUSHALL").."',
  '$(process.exit)',
  'two words',
  '%s%n%d',
  '*',
  '[a-z]?',
  '\\*',
  '../../etc/passwd',
  'a:b',
  ':',
  '__proto__',
  'constructor',
  'mail:j',
];

describe('a name that is made to be more than a name', () => {
  let harness: Harness;
  let connection: Connection;
  let queue: Queue<AnyJobs>;

  beforeEach(async () => {
    harness = new Harness();
    connection = await harness.connection;
    queue = await harness.queue();
  });

  afterEach(() => harness.close());

  it.each(HOSTILE)('is only that, wherever one can be given: %s [case:S8] [case:P7]', async (name) => {
    await connection.client.set(`${harness.prefix}-witness`, 'untouched');
    const own = await harness.queue(name);
    await own.config.set({ groups: { concurrency: 1 } });
    await own.groups.set(name, { concurrency: 1 });
    const uses = JSON.parse(JSON.stringify([[name, 1]])) as [string, number][];
    await own.resources.set(name, 1);
    const options = {
      id: name,
      unique: { key: name },
      tags: [name],
      group: name,
      meta: Object.fromEntries([[name, name]]),
    };
    const job = await own.add(name, name, { ...options, uses: Object.fromEntries(uses) });
    expect(job).toMatchObject({ id: name, name, outcome: 'added' });
    expect(await own.add(name, 'other', options)).toMatchObject({ id: name, outcome: 'kept', data: name });
    const after = await own.add('after', 1, { dependsOn: [name] });
    await own.schedule(name, { everyMs: 3_600_000 }, { name, data: name });
    await own.track(name);
    const worker = await harness.worker({
      queues: [name],
      name,
      handler: (run) => [run.id, run.name, run.tags, Object.hasOwn(run.meta, name)],
    });
    expect(await own.result(name)).toEqual([name, name, [name], true]);
    await own.result(after.id);
    expect((await own.tagged(name)).jobs.map(({ id }) => id)).toEqual([name]);
    expect((await own.tracked()).jobs.map(({ id }) => id)).toEqual([name]);
    expect((await own.schedules()).schedules.map(({ id }) => id)).toEqual([name]);
    expect((await listQueues(connection)).map((info) => info.name)).toContain(name);
    await worker.stop();
    await own.unschedule(name);
    expect(await queue.counts()).toMatchObject({ waiting: 0, completed: 0 });
    expect(await connection.client.get(`${harness.prefix}-witness`)).toBe('untouched');
    expect(await connection.client.exists('stolen')).toBe(0);
    await connection.client.del(`${harness.prefix}-witness`);
    await own.delete({ force: true });
    const left = await connection.client.keys(`${harness.prefix}:*`);
    expect(left.filter((key) => !key.includes('{mail}') && key !== `${harness.prefix}:queues`)).toEqual([]);
  });

  it('is no pattern: what is asked of one queue, tag, group or id is done to no other [case:S10] [case:S9]', async () => {
    const names = ['*', 'a*', '[a-z]*', '?', 'ab', 'abc', 'a:b', 'a'];
    const queues = new Map(await Promise.all(names.map(async (name) => [name, await harness.queue(name)] as const)));
    for (const [name, each] of queues) {
      await each.addMany(names.map((id) => ({ name, data: id, options: { id, tags: [id], group: id } })));
    }
    const star = queues.get('*')!;
    expect((await star.tagged('*')).jobs.map(({ id }) => id)).toEqual(['*']);
    expect((await star.tagged('a*')).jobs.map(({ id }) => id)).toEqual(['a*']);
    expect(await star.cancel('*')).toMatchObject({ length: 1 });
    expect(await star.remove('[a-z]*', '?')).toMatchObject({ length: 2 });
    expect(await star.counts()).toMatchObject({ waiting: names.length - 3, cancelled: 1 });
    await star.drain();
    await star.delete();
    await queues.get('a*')!.drain();
    for (const [name, each] of queues) {
      const gone = name === '*' || name === 'a*';
      expect([name, (await each.counts()).waiting]).toEqual([name, gone ? 0 : names.length]);
    }
    // Queue `a:b` with id `c`, and queue `a` with id `b:c`: two jobs.
    await queues.get('a:b')!.add('x', 1, { id: 'c' });
    await queues.get('a')!.add('x', 2, { id: 'b:c' });
    expect([(await queues.get('a:b')!.get('c'))?.data, (await queues.get('a')!.get('b:c'))?.data]).toEqual([1, 2]);
  });

  it('cannot choose the slot of another: braces are refused in every kind of name [case:S9]', async () => {
    const count = await CommandCount.start(harness.url);
    for (const name of ['{mail}', 'a{mail}', '}{mail', '{']) {
      await expect(async () => harness.queue(name)).rejects.toThrow(InvalidNameError);
      await expect(async () => harness.queue('x', { slot: name })).rejects.toThrow(InvalidNameError);
      await expect(queue.add('x', 1, { id: name })).rejects.toThrow(InvalidNameError);
      await expect(queue.add('x', 1, { group: name })).rejects.toThrow(JobsError);
      await expect(queue.add('x', 1, { dependsOn: [{ queue: name, id: 'a' }] })).rejects.toThrow(JobsError);
    }
    expect(await count.ofScripts()).toBe(0);
  });

  it('is refused by its length before it is looked at, however long it is and whatever it is made of [case:S13]', async () => {
    const count = await CommandCount.start(harness.url);
    // Each would take a search that goes back over what it has seen, or reads it character by character, far longer than a test.
    const long = [
      'a'.repeat(50_000_000),
      '\ud83d'.repeat(20_000_000),
      '{'.repeat(50_000_000),
      ' \u2028'.repeat(20_000_000),
    ];
    const fields = ['1,'.repeat(50_000), '*/'.repeat(50_000), '1-'.repeat(50_000), '0'.repeat(100_000)];
    const job = { name: 'x', data: 1 };
    const calls = long.flatMap((name) => [
      queue.add(name, 1),
      queue.add('x', 1, { id: name }),
      queue.add('x', 1, { tags: [name] }),
      queue.add('x', 1, { group: name }),
      queue.add('x', 1, { unique: { key: name } }),
      queue.get(name),
      queue.schedule(name, { everyMs: 1_000 }, job),
      queue.schedule('s', { cron: name }, job),
      queue.schedule('s', { cron: '* * * * *', tz: name }, job),
      queue.list('waiting', { cursor: name }),
    ]);
    calls.push(...fields.map((field) => queue.schedule('s', { cron: `${field} * * * *` }, job)));
    for (const settled of await Promise.allSettled(calls)) {
      const { reason } = settled as PromiseRejectedResult;
      expect(JobsError.is(reason, 'NAME') || JobsError.is(reason, 'INVALID_OPTION')).toBe(true);
      expect((reason as Error).message.length).toBeLessThan(500);
    }
    expect(await count.ofScripts()).toBe(0);
  });
});

describe('what somebody has written into Redis by hand', () => {
  let harness: Harness;
  let queue: Queue<AnyJobs>;

  beforeEach(async () => {
    harness = new Harness();
    queue = await harness.queue();
  });

  afterEach(() => harness.close());

  /** Puts other options into the envelope of a job that waits. */
  async function rewrite(id: string, options: string): Promise<void> {
    const { client } = await harness.connection;
    const key = `${harness.prefix}:{mail}:j`;
    const [head = '', payload = ''] = ((await client.hget(key, id)) ?? '').split('\n');
    await client.hset(key, id, `${head.split('\t').slice(0, 3).join('\t')}\t${options}\n${payload}`);
  }

  it.each([
    [
      'members of all objects',
      '{"__proto__":{"maxAttempts":7,"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
    ],
    ['the name of a function', '{"backoff":{"type":"custom","name":"constructor"},"maxAttempts":2}'],
    ['code', '{"backoff":{"type":"custom","name":"() => process.exit(9)"},"handler":"./evil.js","maxAttempts":2}'],
    ['meta with members of all objects', '{"meta":{"__proto__":"x","polluted":"y"},"maxAttempts":2}'],
  ])(
    'is data: options with %s run and load nothing, and change no other object [case:S14] [case:S15]',
    async (_, options) => {
      const { id } = await queue.add('first', { a: 1 }, { delayMs: 60_000 });
      await rewrite(id, options);
      let runs = 0;
      const fails = (): never => {
        runs++;
        throw new Error('no');
      };
      await harness.worker({
        handlers: { first: fails, other: () => 'lives' },
        backoffs: {},
        defaults: { backoff: { type: 'fixed', delayMs: 1 } },
      });
      await queue.promote(id);
      await waitFor('a run', () => runs > 0);
      expect(await queue.result((await queue.add('other', 1)).id)).toBe('lives');
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
      expect(Object.keys((await queue.get(id))?.meta ?? {})).toEqual(expect.not.arrayContaining(['admin']));
      await queue.cancel(id);
    },
  );

  it('is data: the definition of a schedule with members of all objects or code fires as what it is, or not at all [case:S14] [case:S15]', async () => {
    await queue.schedule('s', { everyMs: 3_600_000 }, { name: 'first', data: 1 });
    const { client } = await harness.connection;
    const key = `${harness.prefix}:{mail}:sc`;
    const stored = (await client.hget(key, 's')) ?? '';
    const [head = '', definition = '', payload = ''] = stored.split('\n');
    const evil = definition.replace('{', '{"__proto__":{"polluted":1},"require":"./evil.js",');
    await client.hset(key, 's', [head, evil, payload].join('\n'));
    await harness.worker({ handler: () => 'ran' });
    await queue.schedules().catch(() => {});
    const fired = await queue.triggerNow('s').catch((error: unknown) => error);
    if (!(fired instanceof Error)) expect(await queue.result((fired as { id: string }).id)).toBe('ran');
    else expect(fired).toBeInstanceOf(JobsError);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});
