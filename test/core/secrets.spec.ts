import { inspect } from 'node:util';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  CancelError,
  connect,
  jsonLogger,
  metricsText,
  type ActiveJob,
  type Connection,
  type LogEvents,
  type Logger,
} from '@millrace/core';
import { RedisServer } from '../support/redis-server.ts';
import { waitFor } from '../support/wait-for.ts';
import { EventReader } from './support/event-reader.ts';
import { Harness } from './support/harness.ts';

const EVERYTHING: LogEvents = {
  'job.start': 'info',
  'job.success': 'info',
  'job.failure': 'info',
  'job.timeout': 'info',
  'job.permanent-failure': 'info',
  'job.snooze': 'info',
  'job.kill': 'info',
  'job.lost': 'info',
  'worker.state': 'info',
  'queue.poll': 'info',
  'queue.housekeeping': 'info',
};

/** In no name, so that only keeping whole payloads out of sight hides it. */
const PRIVATE = 'born-1-april';
const SECRET = 's3cret-7f';

describe('what is in a job', () => {
  let harness: Harness;
  let lines: string[];
  let logger: Logger;

  beforeEach(() => {
    harness = new Harness();
    lines = [];
    logger = jsonLogger({ level: 'debug', write: (line) => lines.push(line) });
  });

  afterEach(() => harness.close());

  it('is in no log line, no event, no metric and no health report [case:S11]', async () => {
    const connection = await harness.connect({ logger });
    const queue = await harness.queue('mail', { connection });
    const events = await EventReader.start(queue);
    const worker = await harness.worker({
      connection,
      logEvents: EVERYTHING,
      handler: useAndEnd,
      defaults: { maxAttempts: 1 },
    });
    const ends = ['result', 'fail', 'cancel', 'bad-result', 'none'];
    const jobs = await queue.addMany(
      ends.map((name) => ({ name, data: { at: PRIVATE }, options: { meta: { m: PRIVATE } } })),
    );
    const { id: broken } = await queue.add('broken', PRIVATE, { delayMs: 60_000 });
    await tear(connection, broken);
    await queue.promote(broken);
    for (const { id } of [...jobs, { id: broken }]) await queue.result(id).catch(() => {});
    await waitFor('the end', async () => (await queue.counts()).active === 0);
    await waitFor('their lines', () => lines.filter((line) => line.includes('job.start')).length === 6);
    const shown = {
      lines,
      events: await connection.client.xrange(`${harness.prefix}:{mail}:ev`, '-', '+'),
      heard: events.events,
      metrics: await metricsText(connection),
      health: [worker.health(), await worker.check()],
      info: await queue.info(),
      failures: await queue.failures(),
    };
    await events.stop();
    expect(lines.join('\n')).toContain('job.permanent-failure');
    const telling = Object.entries(shown).filter(([, said]) => JSON.stringify(said).includes(PRIVATE));
    expect(telling).toEqual([]);
    // It is all there for who asks for the job.
    expect(await queue.get(jobs[0]!.id)).toMatchObject({ data: { at: PRIVATE }, result: { back: PRIVATE } });
  });

  it('is hidden where an error quotes it: in the log, in Redis, and in what readers get; hooks have it all [case:S11]', async () => {
    const connection = await harness.connect({
      logger,
      redact: { fields: ['iban'], text: (said) => said.replaceAll('ann@a.org', '<mail>') },
    });
    const queue = await harness.queue('mail', { connection });
    const told: string[] = [];
    await harness.worker({
      connection,
      logEvents: EVERYTHING,
      hooks: { onFailure: (_, error) => void told.push(inspect(error)) },
      defaults: { maxAttempts: 2, backoff: { type: 'fixed', delayMs: 1 } },
      handlers: {
        error: () => {
          const cause = new Error(`{"iban":"${SECRET}"}`);
          throw new Error(`postgres://app:${SECRET}@db refused; password=${SECRET} of ann@a.org`, { cause });
        },
        value: () => {
          throw { token: SECRET, nested: { userIban: SECRET } };
        },
      },
    });
    const jobs = await queue.addMany(['error', 'value'].map((name) => ({ name, data: null })));
    for (const { id } of jobs) {
      const error: unknown = await queue.result(id).catch((reason: unknown) => reason);
      expect(inspect(error)).not.toMatch(/s3cret|ann@a/);
      expect(inspect(await queue.history(id))).not.toMatch(/s3cret|ann@a/);
      expect(inspect((await queue.get(id))?.error)).toContain('***');
    }
    await waitFor('their lines', () => lines.filter((line) => line.includes('permanent-failure')).length === 2);
    expect(lines.join('\n')).not.toMatch(/s3cret|ann@a/);
    expect(lines.join('\n')).toContain('postgres://app:***@db refused; password=*** of <mail>');
    expect(await everything(connection)).not.toMatch(/s3cret|ann@a/);
    expect(told.filter((text) => text.includes(SECRET))).toHaveLength(4);
  });

  it('is shown as it is where redact is false', async () => {
    const connection = await harness.connect({ logger, redact: false });
    const queue = await harness.queue('mail', { connection });
    await harness.worker({ connection, logEvents: true, handler: () => Promise.reject(new Error(`token=${SECRET}`)) });
    const { id } = await queue.add('any', null, { maxAttempts: 1 });
    await expect(queue.result(id)).rejects.toMatchObject({ message: expect.stringContaining(SECRET) as unknown });
    await waitFor('the line', () => lines.some((line) => line.includes(SECRET)));
  });

  it('is hidden by the same rules for who shows it elsewhere [case:S11]', async () => {
    const { redaction } = await harness.connect({ redact: { fields: ['iban'] } });
    expect(redaction.value({ iban: 1, user: { password: 2, name: 'ann' } })).toEqual({
      iban: '***',
      user: { password: '***', name: 'ann' },
    });
  });
});

describe('the password of Redis', () => {
  it('is in no log line, error, health report or description, whatever becomes of the server [case:S12]', async () => {
    const password = 'p@ss/w0rd#s3cret';
    const lines: string[] = [];
    const logger = jsonLogger({ level: 'debug', write: (line) => lines.push(line) });
    const server = await RedisServer.start({ args: ['--requirepass', password] });
    const harness = new Harness(server.url.replace('redis://', `redis://:${encodeURIComponent(password)}@`));
    try {
      const connection = await harness.connect({ logger, commandTimeoutMs: 500 });
      const queue = await harness.queue('mail', { connection });
      const worker = await harness.worker({
        connection,
        logEvents: EVERYTHING,
        handler: () => 1,
        lease: { keeper: 'thread' },
      });
      await queue.result((await queue.add('any', null)).id);
      const shown: unknown[] = [connection, connection.description, queue, worker, await worker.check()];
      await server.kill();
      await waitFor('the outage', () => connection.state === 'down');
      shown.push(await queue.add('any', null).catch((error: unknown) => error), await worker.check(), worker.health());
      await server.restart();
      await waitFor('the connection', () => connection.state === 'ready');
      // The password has changed: who comes now is refused.
      await connection.client.config('SET', 'requirepass', 'another');
      shown.push(await connect(harness.url, { logger, connectTimeoutMs: 2_000 }).catch((error: unknown) => error));
      shown.push(
        await connect({ host: '127.0.0.1', port: server.port, passwort: password } as never).catch(
          (error: unknown) => error,
        ),
      );
      shown.push(await connect(`rediss//:${password}@host`).catch((error: unknown) => error));
      for (const item of shown) {
        expect(inspect(item, { depth: 4 })).not.toMatch(/s3cret/);
        expect(String(item)).not.toMatch(/s3cret/);
      }
      expect(lines.length).toBeGreaterThan(3);
      expect(lines.join('\n')).not.toMatch(/s3cret/);
    } finally {
      await server.restart();
      await harness.close();
      await server.stop();
    }
  });
});

/** Uses its data in every way that there is, and ends as its name says. */
async function useAndEnd(job: ActiveJob): Promise<unknown> {
  const { at } = job.data as { at: string };
  await job.progress({ at });
  await job.log(at);
  await job.step(at.slice(0, 2), () => at);
  if (job.name === 'fail') throw new Error('no luck');
  if (job.name === 'cancel') throw new CancelError('not wanted');
  if (job.name === 'bad-result') return { at, cycle: 1n };
  return { back: at };
}

/** Leaves of a stored payload what is no JSON, and what a message of JSON.parse would quote. */
async function tear({ client, prefix }: Connection, id: string): Promise<void> {
  const key = `${prefix}:{mail}:j`;
  const envelope = (await client.hget(key, id)) ?? '';
  await client.hset(key, id, `${envelope.slice(0, envelope.indexOf('\n') + 1)}${PRIVATE}`);
}

/** All that Redis has of the prefix, but for what was given as data. */
async function everything({ client, prefix }: Connection): Promise<string> {
  const found: unknown[] = [];
  for (const key of await client.keys(`${prefix}:*`)) {
    const type = await client.type(key);
    if (type === 'hash') found.push(await client.hgetall(key));
    if (type === 'list') found.push(await client.lrange(key, 0, -1));
    if (type === 'stream') found.push(await client.xrange(key, '-', '+'));
    if (type === 'string') found.push(await client.get(key));
  }
  expect(found.length).toBeGreaterThan(3);
  return JSON.stringify(found);
}
