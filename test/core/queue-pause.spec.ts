import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AnyJobs, type Queue } from '@millrace/core';
import * as scripts from '../../libs/core/dist/redis/scripts.generated.js';
import { Proxy } from '../support/proxy.ts';
import { rawCommand } from '../support/redis-client.ts';
import { waitFor, within } from '../support/wait-for.ts';
import { Harness } from './support/harness.ts';

describe('pause', () => {
  let harness: Harness;
  let queue: Queue<AnyJobs>;
  let started: number;

  const drafts = (length: number) => Array.from({ length }, (_, data) => ({ name: 'first', data }));

  beforeEach(async () => {
    harness = new Harness();
    queue = await harness.queue();
    started = 0;
  });

  afterEach(() => harness.close());

  function countStarts(): void {
    started += 1;
  }

  it('keeps jobs waiting, late ones too, until the queue is resumed [seed:Q25, seed:A30]', async () => {
    await harness.worker({ handler: countStarts });
    await queue.pause({ wait: true });
    expect(await queue.isPaused()).toBe(true);
    await queue.addMany(drafts(10));
    await queue.add('first', 1, { delayMs: 1 });
    await waitFor('the delayed job to be due', async () => (await queue.counts()).waiting === 11);
    expect(started).toBe(0);
    await queue.resume();
    expect(await queue.isPaused()).toBe(false);
    await waitFor('all to run', () => started === 11);
  });

  it('twice is pausing once, and one resume ends it [seed:Q25, seed:A30]', async () => {
    await Promise.all([queue.pause(), queue.pause({ wait: true }), queue.pause()]);
    await queue.resume();
    expect(await queue.isPaused()).toBe(false);
    await queue.resume();
    expect(await queue.isPaused()).toBe(false);
  });

  it('with wait resolves when every worker has obeyed: nothing starts any more [core:B8] [case:X14]', async () => {
    const connections = await Promise.all([1, 2, 3].map(() => harness.connect()));
    for (const connection of connections) await harness.worker({ connection, handler: countStarts, prefetch: 100 });
    for (let round = 0; round < 5; round++) {
      const adding = Promise.all(Array.from({ length: 8 }, () => queue.addMany(drafts(250))));
      await waitFor('jobs to run', () => started > 0);
      await queue.pause({ wait: true });
      const startedBefore = started;
      await adding;
      const { completed } = await queue.counts();
      expect(started).toBe(startedBefore);
      await queue.resume();
      await waitFor(
        'jobs to run again',
        async () => (await queue.counts()).completed > completed || started > startedBefore,
      );
      await waitFor('all to have run', () => started % 2_000 === 0);
      started = 0;
    }
  });

  it('gives back what was taken ahead, uncharged [core:B8]', async () => {
    let end = (): void => {};
    const ending = new Promise<void>((resolve) => (end = resolve));
    const handler = async (): Promise<void> => {
      countStarts();
      await ending;
    };
    await harness.worker({ handler, concurrency: 1, prefetch: 50 });
    const jobs = await queue.addMany(drafts(20));
    await waitFor('jobs to be taken ahead', async () => (await queue.counts()).active > 1);
    await queue.pause({ wait: true });
    await waitFor('them to be back', async () => (await queue.counts()).active === 1);
    expect(started).toBe(1);
    const { jobs: waiting } = await queue.list('waiting');
    expect(waiting.map(({ id, stalls, failures }) => [id, stalls, failures])).toEqual(
      jobs.slice(1).map(({ id }) => [id, 0, 0]),
    );
    end();
    await waitFor('the running job to end', async () => (await queue.counts()).completed === 1);
    expect(started).toBe(1);
  });

  it('reaches a worker that hears no messages with its next renewal [core:B8]', async () => {
    const proxy = await Proxy.start(harness.url);
    const connection = await harness.connect({}, proxy.url);
    // Its one slot is taken, so that it asks for no jobs: nothing but a renewal can tell it.
    const handler = (): Promise<void> => {
      countStarts();
      return new Promise((resolve) => setTimeout(resolve, 3_000));
    };
    const lease = { durationMs: 1_500 };
    const worker = await harness.worker({ connection, handler, concurrency: 1, lease });
    await queue.add('first', 1);
    await waitFor('the job to run', () => started === 1);
    const port = Number(new URL(harness.url).port);
    for (let n = 0; n < 50; n++) void proxy.cutBeforeForward(([command]) => command === 'subscribe');
    await rawCommand(port, ['CLIENT', 'KILL', 'TYPE', 'pubsub']);
    await within('the worker to obey', queue.pause({ wait: true }), 2_000);
    expect(await rawCommand(port, ['PUBSUB', 'CHANNELS'])).toBe('*0\r\n');
    await queue.addMany(drafts(10));
    await waitFor('the running job to end', async () => (await queue.counts()).completed === 1);
    expect(await queue.counts()).toMatchObject({ waiting: 10, active: 0 });
    expect(started).toBe(1);
    await proxy.pass();
    await worker.stop();
    await connection.close();
    await proxy.close();
  });

  it('is over when the settings of the queue are lost: with `resume()` at once, and without it with the next renewal [case:R16]', async () => {
    const { client } = await harness.connection;
    await harness.worker({ handler: countStarts, lease: { durationMs: 1_500 } });
    for (const how of ['resume', 'wait']) {
      await queue.pause({ wait: true });
      const { id } = await queue.add('any', 1);
      await client.del(`${harness.prefix}:{mail}:q`);
      if (how === 'resume') await queue.resume();
      await waitFor('the job to run', async () => (await queue.get(id))?.state === 'completed', { timeoutMs: 5_000 });
    }
    expect(started).toBe(2);
  });

  it('is obeyed when the settings of the queue were lost, by workers that have obeyed others [case:R16]', async () => {
    const { client } = await harness.connection;
    const handler = (): Promise<void> => {
      countStarts();
      return new Promise((resolve) => setTimeout(resolve, 10));
    };
    await harness.worker({ handler, concurrency: 1, prefetch: 100 });
    for (let n = 0; n < 2; n++) {
      await queue.pause({ wait: true });
      await queue.resume();
    }
    await queue.addMany(drafts(200));
    await waitFor('the worker to go on', () => started > 2);
    await client.del(`${harness.prefix}:{mail}:q`);
    await queue.pause({ wait: true });
    const startedBefore = started;
    await waitFor('what ran to end', async () => (await queue.counts()).active === 0);
    expect(started).toBe(startedBefore);
    expect(started).toBeLessThan(200);
    await queue.resume();
    await waitFor('it to go on', () => started > startedBefore);
  });

  it('does not wait for a worker that has vanished [core:B8]', async () => {
    const { scripts: runner } = await harness.connection;
    await queue.counts();
    const open = { epoch: 'vanished', version: 1, lease: 300, info: '{}' };
    await runner.run(scripts.open, `${harness.prefix}:{mail}`, open);
    await within('the pause', queue.pause({ wait: true }), 3_000);
    expect(await queue.isPaused()).toBe(true);
  });

  it('with wait ends when somebody resumes meanwhile', async () => {
    const { scripts: runner } = await harness.connection;
    await queue.counts();
    const open = { epoch: 'deaf', version: 1, lease: 60_000, info: '{}' };
    await runner.run(scripts.open, `${harness.prefix}:{mail}`, open);
    const pausing = queue.pause({ wait: true });
    await waitFor('the pause', () => queue.isPaused());
    await queue.resume();
    await within('the pause to end', pausing, 3_000);
  });
});
