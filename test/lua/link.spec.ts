import { describe, expect, it } from '@jest/globals';

import { addChecked, link, type LinkReply } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue, type TestQueue } from './support/harness.js';
import { assertInvariants } from './support/invariants.js';
import { describeMalformed, malformedLanes } from './support/malformed.js';
import { body } from './support/records.js';

const queue = luaQueue({ slot: 'shop' });

interface Sketch {
  readonly on?: number;
  readonly policy?: string;
  readonly in?: TestQueue;
}

/** Sends the call twice, as after a lost reply; `fate`, and others where there are some. */
async function relink(id: string, jobs: readonly string[], sketch: Sketch = {}): Promise<string> {
  const { on = 1, policy = '', in: where = queue() } = sketch;
  const call = { ...where.lane(), id, on, policy, jobs };
  const [reply, again] = await where.twice(link, call);
  expect(again).toEqual(reply);
  const { fate, others } = reply as Extract<LinkReply, { code: 'OK' }>;
  return [fate, ...others].join(' ');
}

const unlink = (id: string, jobs?: readonly string[]): Promise<string> =>
  relink(id, jobs ?? [], { on: jobs === undefined ? 2 : 0 });

async function addDependent(id: string, parents: readonly string[], policy = 'f', how = ''): Promise<void> {
  const rows = [`${id}\t${how}\nd\t${[policy, ...parents].join('\t')}`, body()];
  await queue().run(addChecked, { ...queue().lane(), atomic: 1, rows });
}

/** Leases one job and ends it. */
async function runOne(code = '5', from = queue()): Promise<string> {
  const worker = await from.worker(`E${Math.random()}`);
  const job = await worker.leaseOne();
  await worker.end(job, code);
  await worker.close();
  return job.id;
}

describe('link', () => {
  it('blocks a job that waits, and tells the other one of it [seed:Q13, seed:R2] [core:A13]', async () => {
    await queue().add('a', 'c');
    const { reply, changed } = await queue().change(() => relink('c', ['a']));
    expect(reply).toBe('b');
    expect(changed).toEqual({
      m: { a: '10,0,0,0,P,', c: '10,0,0,1,D,' },
      x: { c: 'd\tf\ta' },
      b: { c: 0 },
      'dl:c': ['a'],
      'dd:a': ['c'],
      q: expect.objectContaining({ ghosts: '1', places: '1' }),
    });
    expect(await runOne()).toBe('a');
    expect(await runOne()).toBe('c');
  });

  it('keeps the time and the priority of a job that is delayed or tried again [seed:Q13]', async () => {
    await queue().add('a', ['c', 'd50,p5', { fields: 'p5' }], 'd');
    await queue().promote('none');
    const worker = await queue().worker('E');
    const [a, d] = await worker.lease(2);
    await worker.end(d, 'r1\t60\t\tno');
    expect([await relink('c', ['a']), await relink('d', ['a'])]).toEqual(['b', 'b']);
    expect((await queue().dump())['b']).toEqual({ c: queue().now + 50, d: queue().now + 60 });
    await worker.end(a);
    expect([await queue().state('c'), await queue().state('d')]).toEqual(['delayed', 'delayed']);
    queue().pass(60);
    await queue().housekeep();
    expect((await worker.lease(2)).map(({ id }) => id)).toEqual(['c', 'd']);
  });

  it.each([
    ['f', 'f', 'failed'],
    ['c', 'x', 'cancelled'],
    ['r', 'b', 'blocked'],
    ['b', 'b', 'blocked'],
  ])('with the policy %s judges anew what a job has stayed blocked for in vain', async (policy, fate, state) => {
    await queue().add('failing', 'removed', 'z');
    await addDependent('c', ['failing', 'removed'], 'b');
    expect(await runOne('f1\t\t\tno')).toBe('failing');
    await queue().remove('removed');
    expect(await relink('c', ['z'], { policy })).toBe(fate);
    expect(await queue().state('c')).toBe(state);
    expect(await runOne()).toBe('z');
    if (policy === 'r') expect(await runOne()).toBe('c');
  });

  it('lets a job go that waited for nothing else, at its time', async () => {
    await queue().add('a', 'z');
    await addDependent('c', ['a'], 'b', 'd50');
    await addDependent('d', ['a'], 'b');
    expect([await runOne('f1\t\t\tno'), await runOne()]).toEqual(['a', 'z']);
    expect([await relink('c', ['z'], { policy: 'r' }), await relink('d', ['z'], { policy: 'r' })]).toEqual(['d', 'w']);
    expect(await runOne()).toBe('d');
  });

  it('adds to what a job waits for; what it waits for already changes nothing', async () => {
    await queue().add('a', 'b');
    await addDependent('c', ['a'], 'b');
    expect(await relink('c', ['b', 'b', 'a'])).toBe('b');
    expect(await queue().dump()).toMatchObject({ x: { c: 'd\tb\ta\tb' }, 'dl:c': ['a', 'b'], 'dd:b': ['c'] });
    const { changed } = await queue().change(() => relink('c', ['a', 'b']));
    expect(changed).toEqual({});
    await runOne();
    expect(await queue().state('c')).toBe('blocked');
    await runOne();
    expect(await queue().state('c')).toBe('waiting');
  });

  it('looks at what has ended: its result is there, and the place in the queue is kept', async () => {
    await queue().add('a', 'c', 'd');
    await runOne('c1\t\t\t"A"');
    expect(await relink('c', ['a'])).toBe('w');
    expect((await queue().dump())['dr:c']).toEqual({ a: 'c"A"' });
    expect(await runOne()).toBe('c');
  });

  it.each([
    ['', 'f', 'failed'],
    ['f', 'f', 'failed'],
    ['c', 'x', 'cancelled'],
    ['b', 'b', 'blocked'],
    ['r', 'w', 'waiting'],
  ])(
    'by policy "%s" a job that has failed makes it %s, and so does one that fails later',
    async (policy, fate, state) => {
      await queue().add('a', 'c', 'd');
      await runOne('f1\t\t\tno');
      expect(await relink('c', ['a'], { policy })).toBe(fate);
      expect(await queue().state('c')).toBe(state);
      await queue().retry('a');
      await relink('d', ['a'], { policy });
      const worker = await queue().worker('E');
      const jobs = await worker.lease(2);
      await worker.end(
        jobs.find(({ id }) => id === 'a'),
        'f1\t\t\tno',
      );
      expect(await queue().state('d')).toBe(state);
    },
  );

  it('waits again for a job that had completed and goes on since', async () => {
    await queue().add('a');
    await addDependent('c', ['a']);
    await runOne();
    await queue().retry('a');
    expect(await relink('c', ['a'])).toBe('b');
    expect((await queue().dump())['dr:c']).toBeUndefined();
    expect(await runOne()).toBe('a');
    expect(await queue().state('c')).toBe('waiting');
  });

  it('takes a member out of its batch', async () => {
    await queue().add('a', 'c', 'd');
    const worker = await queue().worker('E');
    const jobs = await worker.lease(3);
    for (const job of jobs.slice(1)) await worker.end(job, 'a0\t\tgreet\t1000,5000,10,');
    expect(await queue().state('c')).toBe('aggregating');
    expect(await relink('c', ['a'])).toBe('b');
    expect((await queue().dump())['b']).toEqual({ c: 0 });
    await worker.end(jobs[0]);
    expect([await queue().state('c'), await queue().state('d')]).toEqual(['waiting', 'aggregating']);
  });

  it('refuses what cannot wait any more, or for which it cannot wait', async () => {
    await queue().add('a', 'c');
    await runOne();
    const worker = await queue().worker('E');
    await worker.leaseOne();
    const { changed } = await queue().change(async () => {
      expect(await relink('none', ['a'])).toBe('N');
      expect(await relink('a', ['c'])).toBe('F');
      expect(await relink('c', ['a'])).toBe('A');
      expect(await unlink('c')).toBe('A');
    });
    expect(changed).toEqual({});
    await queue().add('d');
    expect(await relink('d', ['c', 'gone'])).toBe('M gone');
    expect(await relink('d', ['gone'], { policy: 'd' })).toBe('w');
    expect((await queue().dump())['x']).toEqual({ d: 'd\tfd\tgone' });
  });

  it('refuses a cycle, however long, and says which [core:B14]', async () => {
    await queue().add('a');
    await addDependent('b', ['a']);
    await addDependent('c', ['b']);
    const { changed } = await queue().change(async () => expect(await relink('a', ['c'])).toBe('C c b a'));
    expect(changed).toEqual({});
  });

  it('refuses a job that would wait for itself, under either of its names [case:A17]', async () => {
    await queue().add('a', 'b');
    const { changed } = await queue().change(async () => {
      for (const own of ['a', '{own}a']) expect(await relink('a', ['b', own])).toBe('C a');
      expect(await relink('gone', ['gone'])).toBe('N');
    });
    expect(changed).toEqual({});
  });

  it('refuses a cycle over two queues of the slot', async () => {
    const other = await queue().neighbour('other');
    await queue().add('a');
    await other.add('a');
    expect(await relink('a', ['{own}a'], { in: other })).toBe('b');
    expect(await relink('a', ['{other}a'])).toBe('C {other}a a');
    expect(await relink('a', ['{other}a'], { on: 0 })).toBe('w');
    await assertInvariants(other);
    await runOne();
    expect(await other.state('a')).toBe('waiting');
  });

  it('walks over a thousand jobs, and refuses where more are in the way [core:B14]', async () => {
    await queue().add('n0');
    const rows = Array.from({ length: 1_001 }, (_, i) => [`n${i + 1}\t\nd\tf\tn${i}`, body()]);
    for (let from = 0; from < rows.length; from += 500)
      await queue().run(addChecked, { ...queue().lane(), atomic: 1, rows: rows.slice(from, from + 500).flat() });
    expect((await relink('n0', ['n999'])).slice(0, 6)).toBe('C n999');
    expect(await relink('n0', ['n1001'])).toBe('W');
    await queue().add('free');
    expect(await relink('free', ['n1001'])).toBe('b');
  });

  it('takes no more than a thousand dependencies', async () => {
    const parents = Array.from({ length: 1_000 }, (_, i) => `p${i}`);
    await queue().add(...parents);
    await queue().add('one', 'c');
    expect(await relink('c', parents)).toBe('b');
    expect(await relink('c', ['one'])).toBe('E');
    expect(await unlink('c')).toBe('w');
  });

  it('taken from a job lets it go on when it was the last, at its time [seed:Q13]', async () => {
    await queue().add('a', 'b');
    await addDependent('c', ['a', 'b'], 'f', 'd50');
    await addDependent('d', ['a']);
    expect(await unlink('c', ['a', 'none'])).toBe('b');
    expect(await queue().dump()).toMatchObject({ x: { c: 'd\tf\tb' }, 'dl:c': ['b'], 'dd:a': ['d'] });
    expect(await unlink('c', ['b'])).toBe('d');
    const { reply, changed } = await queue().change(() => unlink('d', ['a']));
    expect(reply).toBe('w');
    expect(changed).toEqual({
      m: expect.objectContaining({ d: '10,0,0,0,,' }),
      b: undefined,
      'dl:d': undefined,
      'dd:a': undefined,
      x: undefined,
      r: ['a', 'b', 'd'],
    });
    expect(await unlink('d')).toBe('w');
    expect(await unlink('d', [])).toBe('w');
  });

  it('taken from a job that a failed one blocks lets it go on', async () => {
    await queue().add('a');
    await addDependent('c', ['a'], 'b');
    await runOne('f1\t\t\tno');
    expect(await unlink('c', ['a'])).toBe('w');
    expect((await queue().dump())['df:a']).toBeUndefined();
    await queue().retry('a');
    expect(await queue().state('c')).toBe('waiting');
  });

  it('taken away takes the result along', async () => {
    await queue().add('a', 'b');
    await addDependent('c', ['a', 'b']);
    await runOne('c1\t\t\t"A"');
    expect(await unlink('c', ['a'])).toBe('b');
    expect((await queue().dump())['dr:c']).toBeUndefined();
    await runOne();
  });

  it('tells of both by events', async () => {
    await queue().configure('listening', '60000');
    await queue().add('a', 'c');
    await relink('c', ['a']);
    await unlink('c');
    expect((await queue().told()).slice(-2)).toEqual(['k\tc\tgreet', 'w\tc\t']);
  });

  it('is refused as a whole when memory is full', async () => {
    await queue().add('a', 'c');
    const { changed } = await queue().change(() =>
      queue().withFullMemory(() => expect(relink('c', ['a'])).rejects.toThrow(/OOM/)),
    );
    expect(changed).toEqual({});
  });

  describeMalformed(queue, 'link', [
    ...malformedLanes('c', 1, '', 'a'),
    ['a strange on', ['lane', 1, 'c', 3, '', 'a'], /PROTOCOL on is not/],
    ['no job', ['lane', 1, 'c', 1, ''], /PROTOCOL The line "d"/],
    ['a strange policy', ['lane', 1, 'c', 1, 'z', 'a'], /PROTOCOL The line "d"/],
    ['a job with a tab', ['lane', 1, 'c', 1, '', 'a\tb'], /PROTOCOL The job is empty or has/],
    ['a brace alone', ['lane', 1, 'c', 1, '', '{a'], /PROTOCOL The job "{a" is named/],
    ['a queue of no slot', ['lane', 1, 'c', 1, '', '{strange}a'], /QUEUE_MISMATCH/],
    ['too many jobs', ['lane', 1, 'c', 1, '', ...Array.from({ length: 1_001 }, (_, i) => `p${i}`)], /More than 1000/],
  ]);
});

describe('update', () => {
  it('changes the time of a job that is blocked', async () => {
    await queue().add('a');
    await addDependent('c', ['a'], 'f', 'd50');
    expect(await queue().update('c', 'd20')).toBe('U');
    expect((await queue().dump())['b']).toEqual({ c: queue().now + 20 });
    await queue().update('c', 'd0');
    expect((await queue().dump())['b']).toEqual({ c: 0 });
    await queue().update('c', 'd20');
    await runOne();
    expect(await queue().state('c')).toBe('delayed');
  });
});
