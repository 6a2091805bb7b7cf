import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AnyJobs, type JobState, type Queue } from '@millrace/core';
import { Proxy } from '../support/proxy.ts';
import { redisUrl } from '../support/redis.ts';
import { within } from '../support/wait-for.ts';
import { callsOf, type ScriptName } from './support/calls-of.ts';
import { CommandCount } from './support/command-count.ts';
import { Harness } from './support/harness.ts';
import { jobInState } from './support/job-in-state.ts';

type Call = (queue: Queue<AnyJobs>) => Promise<unknown>;

/** Each changing call of a queue: on which job, what it answers, and where the job is afterwards. */
const CALLS: [ScriptName, JobState, Call, unknown, JobState | undefined][] = [
  ['cancel', 'waiting', (queue) => queue.cancel('x'), ['cancelled'], 'cancelled'],
  ['cancel', 'delayed', (queue) => queue.cancel('x'), ['cancelled'], 'cancelled'],
  ['cancel', 'active', (queue) => queue.cancel('x'), ['cancelled while active'], 'cancelled'],
  ['remove', 'completed', (queue) => queue.remove('x'), ['removed'], undefined],
  ['remove', 'waiting', (queue) => queue.remove('x'), ['removed'], undefined],
  ['retry', 'failed', (queue) => queue.retry('x'), ['waiting'], 'waiting'],
  ['retry', 'completed', (queue) => queue.retry('x'), ['waiting'], 'waiting'],
  ['promote', 'delayed', (queue) => queue.promote('x'), ['waiting'], 'waiting'],
  ['promote', 'retrying', (queue) => queue.promote('x'), ['waiting'], 'waiting'],
  ['prioritize', 'waiting', (queue) => queue.prioritize('x', 3), true, 'waiting'],
  ['prioritize', 'retrying', (queue) => queue.prioritize('x', 3), true, 'retrying'],
];

describe('a change by hand whose reply is lost after it was made', () => {
  let proxy: Proxy;
  let harness: Harness;
  let queue: Queue<AnyJobs>;
  let direct: Harness;
  let watcher: Queue<AnyJobs>;

  beforeEach(async () => {
    proxy = await Proxy.start(redisUrl());
    direct = new Harness();
    watcher = await direct.queue();
    harness = new Harness(proxy.url);
    queue = await harness.queue('mail', { connection: await harness.connect({ prefix: direct.prefix }) });
    await queue.counts();
  });

  afterEach(async () => {
    await harness.close();
    await direct.close();
    await proxy.close();
  });

  async function cut<T>(name: ScriptName, call: () => Promise<T>): Promise<T> {
    const count = await CommandCount.start(direct.url);
    const happened = proxy.cutAfterExecuted(callsOf(name));
    const [answer] = await within('the answer', Promise.all([call(), happened]));
    expect(await count.of('evalsha')).toBeGreaterThanOrEqual(2);
    return answer;
  }

  it.each(CALLS)(
    '%s of a job that is %s: one effect, one answer [core:A13]',
    async (name, state, call, answer, after) => {
      await jobInState(direct, watcher, state, 'x');
      const places = await waitingPlaces();
      expect(await cut(name, () => call(queue))).toEqual(answer);
      expect((await watcher.get('x'))?.state).toBe(after);
      expect(await waitingPlaces()).toBe(after === 'waiting' ? 1 : state === 'waiting' ? 0 : places);
    },
  );

  /** How many places the queue really has for jobs that wait: a job put back twice would have two. */
  async function waitingPlaces(): Promise<number> {
    const listed = await watcher.list('waiting');
    const { waiting } = await watcher.counts();
    expect(listed.jobs).toHaveLength(waiting);
    return waiting;
  }

  it('runs a job that was retried once, not twice [core:A13]', async () => {
    await jobInState(direct, watcher, 'failed', 'x');
    await cut('retry', () => queue.retry('x'));
    let runs = 0;
    await direct.worker({ handler: () => void runs++ });
    await watcher.result('x');
    await watcher.result((await watcher.add('last', 1)).id);
    expect(runs).toBe(2);
  });

  it('does not cancel a job that came later under the same id [core:A13]', async () => {
    await jobInState(direct, watcher, 'waiting', 'x');
    const happened = proxy.cutAfterExecuted(callsOf('remove'));
    proxy.refuse();
    const removing = queue.remove('x');
    await within('the cut', happened);
    await watcher.add('later', 'new', { id: 'x' });
    await proxy.pass();
    expect(await removing).toEqual(['removed']);
    expect(await watcher.get('x')).toMatchObject({ name: 'later', state: 'waiting' });
  });

  it('pauses and resumes once [core:A13]', async () => {
    await cut('pause', () => queue.pause());
    expect(await watcher.isPaused()).toBe(true);
    await cut('pause', () => queue.resume());
    expect(await watcher.isPaused()).toBe(false);
  });

  it('configures to the same effect [core:A13]', async () => {
    const set = await cut('configure', () => queue.config.set({ leaseMs: 20_000, keep: { failed: { count: 5 } } }));
    expect(set).toMatchObject({ leaseMs: 20_000, keep: { failed: { count: 5 } } });
    expect(await watcher.config.get()).toEqual(set);
  });
});
