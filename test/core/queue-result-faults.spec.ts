import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AnyJobs, type Connection, type Queue, VirtualClock, WaitTimeoutError } from '@millrace/core';
import { Proxy } from '../support/proxy.ts';
import { rawCommand } from '../support/redis-client.ts';
import { redisUrl } from '../support/redis.ts';
import { waitFor, within } from '../support/wait-for.ts';
import { callsOf } from './support/calls-of.ts';
import { Harness } from './support/harness.ts';

describe('a result that is waited for over a connection that fails', () => {
  const port = Number(new URL(redisUrl()).port);
  let proxy: Proxy;
  let harness: Harness;
  let connection: Connection;
  let queue: Queue<AnyJobs>;
  let watcher: Queue<AnyJobs>;
  let end: () => void;

  beforeEach(async () => {
    proxy = await Proxy.start(redisUrl());
    harness = new Harness();
    connection = await harness.connect({ commandTimeoutMs: 2_000 }, proxy.url);
    queue = await harness.queue('mail', { connection });
    watcher = await harness.queue();
    const ending = new Promise<void>((resolve) => (end = resolve));
    await harness.worker({ handler: ({ data }) => ending.then(() => data) });
  });

  afterEach(async () => {
    end();
    await proxy.pass();
    await harness.close();
    await proxy.close();
  });

  async function untilAsked(): Promise<void> {
    const key = `${harness.prefix}:{mail}:aw`;
    await waitFor('the wait', async () => (await rawCommand(port, ['HLEN', key])) === ':1\r\n');
  }

  async function untilCompleted(): Promise<void> {
    await waitFor('the job to end', async () => (await watcher.counts()).completed === 1);
  }

  it('is told when the message came while the subscriber was away: it asks again [core:A19]', async () => {
    const { id } = await queue.add('first', 'told');
    const result = queue.result(id);
    await untilAsked();
    proxy.refuse();
    proxy.reset();
    await waitFor('the loss', () => connection.state === 'down');
    end();
    await untilCompleted();
    await proxy.pass();
    expect(await within('the result', result)).toBe('told');
  });

  it('is told after CLIENT KILL of the subscriber [core:A19]', async () => {
    const { id } = await queue.add('first', 'told');
    const result = queue.result(id);
    await untilAsked();
    await rawCommand(port, ['CLIENT', 'KILL', 'TYPE', 'pubsub']);
    end();
    expect(await within('the result', result)).toBe('told');
  });

  it('is told when the answer to the question is lost [core:A19]', async () => {
    const { id } = await queue.add('first', 'told');
    const happened = proxy.cutAfterExecuted(callsOf('wait'));
    const result = queue.result(id);
    await within('the cut', happened);
    end();
    expect(await within('the result', result)).toBe('told');
  });

  it('rejects in time while Redis is away', async () => {
    const { id } = await queue.add('first', 1);
    proxy.refuse();
    proxy.reset();
    await waitFor('the loss', () => connection.state === 'down');
    const waiting = within('the rejection', queue.result(id, { timeoutMs: 100 }), 1_000);
    await expect(waiting).rejects.toBeInstanceOf(WaitTimeoutError);
  });

  it('is told although the message was lost without a trace: an open wait is asked again [core:A19]', async () => {
    const clock = new VirtualClock();
    const timed = await harness.queue('timed', { connection: await harness.connect({ clock }) });
    const { id } = await timed.add('first', 1, { delayMs: 3_600_000 });
    const result = timed.result(id).catch((error: unknown) => error);
    const key = `${harness.prefix}:{timed}:aw`;
    await waitFor('the wait', async () => (await rawCommand(port, ['HLEN', key])) === ':1\r\n');
    await rawCommand(port, ['DEL', key]);
    await timed.cancel(id);
    await clock.advance('15s');
    expect(await within('the result', result)).toMatchObject({ code: 'JOB_FAILED', state: 'cancelled' });
  });
});
