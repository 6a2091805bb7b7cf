import { randomInt } from 'node:crypto';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';

import { SCRIPTS } from '../../libs/core/src/redis/scripts.generated.js';
import { redisUrl, uniquePrefix } from '../support/redis.js';
import { waitFor } from '../support/wait-for.js';

/*
 * A producer and a worker as lua/README.md describes them: EVALSHA, arguments put together by hand, replies taken apart by
 * hand. Of the library it has the sources of the scripts and nothing else.
 */

type Reply = readonly [string, ...unknown[]];
type Flat = readonly (string | null)[];

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const nonce = (): string => Array.from({ length: 9 }, () => ALPHABET[randomInt(62)]).join('');

let redis: Redis;
let listener: Redis | undefined;
let base: string;

async function call(command: string, ...args: readonly (string | number)[]): Promise<Reply> {
  const script = SCRIPTS.find(({ name }) => name === command);
  if (script === undefined) throw new Error(`no script ${command}`);
  const send = (): Promise<unknown> => redis.evalsha(script.sha1, 1, base, '', ...args);
  const reply = await send().catch(async (error: Error) => {
    if (!error.message.startsWith('NOSCRIPT')) throw error;
    await redis.script('LOAD', script.source);
    return send();
  });
  return typeof reply === 'string' ? ['OK', reply] : (reply as Reply);
}

/** A producer: ids and lanes of its own. */
class Producer {
  readonly #ids = nonce();
  readonly #lane = nonce();
  #count = 0;
  #seq = 0;

  /** Adds plain jobs and returns their ids; every call is sent twice, as if its first reply had been lost. */
  async add(name: string, ...payloads: readonly unknown[]): Promise<string[]> {
    const ids = payloads.map(() => `${this.#ids}~${(this.#count++).toString(36)}`);
    const rows = payloads.flatMap((payload, i) => [ids[i] ?? '', `\t${name}\t\t\n${JSON.stringify(payload)}`]);
    const [first, second] = await this.#twice('add', ['0', ...rows]);
    expect(second).toEqual(first);
    expect(first[0]).toBe('OK');
    return ids;
  }

  async cancel(...ids: readonly string[]): Promise<string> {
    const [, fates] = (await this.#twice('cancel', ['r', '0', ...ids]))[1];
    return String(fates);
  }

  async #twice(command: string, rows: readonly string[]): Promise<[Reply, Reply]> {
    const seq = ++this.#seq;
    return [await call(command, this.#lane, seq, ...rows), await call(command, this.#lane, seq, ...rows)];
  }
}

interface Run {
  readonly id: string;
  readonly token: string;
  readonly name: string;
  readonly payload: unknown;
  readonly attempt: number;
  readonly isSuspect: boolean;
}

/** A worker: one epoch, one slot. */
class Worker {
  readonly epoch = nonce();
  #seq = 0;
  taken = '';

  async open(leaseMs: number): Promise<void> {
    expect((await call('open', this.epoch, 1, leaseMs, '{"client":"raw"}'))[0]).toBe('OK');
  }

  /** Hands in ends, `[run, code behind the token]`, and leases. Sent twice; the second answer counts. */
  async exchange(
    want: number,
    ...ends: readonly (readonly [Run, string])[]
  ): Promise<{ runs: Run[]; refused: string }> {
    const seq = ++this.#seq;
    const rows = ends.flatMap(([{ id, token }, code]) => [id, `${token}\t${code}`]);
    const args = [this.epoch, '0', seq, want, 100, 0, 0, ...rows];
    const [first] = await call('exchange', ...args);
    const [code, refused, jobs, headers, , , taken] = await call('exchange', ...args);
    expect([first, code]).toEqual(['OK', 'OK']);
    this.taken = String(taken);
    return { runs: read(jobs as string[], headers as string[], `0.${seq}`), refused: String(refused) };
  }

  async start(run: Run): Promise<unknown> {
    return (await call('start', this.epoch, run.id, run.token))[1];
  }
}

function read(jobs: readonly string[], headers: readonly string[], token: string): Run[] {
  const runs: Run[] = [];
  for (let i = 0; i < jobs.length; i += 2) {
    const at = headers.indexOf(String(i / 2 + 1));
    const header = at >= 0 && at % 2 === 0 ? (headers[at + 1] ?? '') : '10,0,0,0,,';
    const [failures = 0, stalls = 0] = header.slice(1).split(',').map(Number);
    const [, name = '', payload = ''] =
      /^1\d{13}[a-z]*\t([^\t]*)\t[^\t]*\t[^\n]*\n(.*)$/s.exec(jobs[i + 1] ?? '') ?? [];
    const isSuspect = (header.split(',')[4] ?? '').includes('S');
    runs.push({
      id: jobs[i] ?? '',
      token,
      name,
      payload: JSON.parse(payload),
      attempt: failures + stalls + 1,
      isSuspect,
    });
  }
  return runs;
}

/** A row of `get`: state, header and outcome of a job. */
async function look(id: string): Promise<{ state: string; header: string | null; outcome: string | null }> {
  const [, rows] = await call('get', id);
  const [, state, , header = null, outcome = null] = rows as Flat;
  return { state: state ?? '', header, outcome };
}

describe('a client that has nothing but the page on the wire contract', () => {
  beforeAll(() => {
    redis = new Redis(redisUrl());
  });

  beforeEach(async () => {
    base = `${uniquePrefix('raw')}:{mail}`;
    expect(await call('declare', 0)).toEqual(['OK', expect.anything(), expect.anything(), '']);
  });

  afterAll(async () => {
    listener?.disconnect();
    await redis.quit();
  });

  it('enqueues jobs and works them, in order, each once [core:A1, core:A10, core:A13] [seed:H18, seed:H19]', async () => {
    const ids = await new Producer().add('greet', ...Array.from({ length: 50 }, (_, n) => ({ n })));
    const worker = new Worker();
    await worker.open(30_000);
    let { runs } = await worker.exchange(20);
    const seen: unknown[] = [];
    while (runs.length > 0) {
      seen.push(...runs.map(({ payload }) => payload));
      const ends = runs.map((run) => [run, `c3\t\t\t{"ok":${JSON.stringify(run.payload)}}`] as const);
      const answer = await worker.exchange(20, ...ends);
      expect(answer.refused).toBe('');
      ({ runs } = answer);
    }
    expect(seen).toEqual(Array.from({ length: 50 }, (_, n) => ({ n })));
    expect((await look(ids[7] ?? '')).outcome).toMatch(/^c\d{13},1,3\n\{"ok":\{"n":7\}\}$/);
    expect(await call('close', worker.epoch)).toEqual(['OK', 0]);
    expect((await call('counts')).slice(1, 7)).toEqual([0, 0, 0, 0, 0, ['50', '0', '0', '0', '0']]);
  });

  it('tries a failed job again after its delay, and fails it when its budget is spent [seed:H19]', async () => {
    const [id = ''] = await new Producer().add('flaky', {});
    const worker = new Worker();
    await worker.open(30_000);
    const attempts: number[] = [];
    while (attempts.length < 3) {
      await call('housekeep', 100, 0);
      const { runs } = await worker.exchange(1);
      for (const run of runs) {
        attempts.push(run.attempt);
        const code = run.attempt < 3 ? 'r1\t5\tflaky' : 'f1\t\tflaky';
        await worker.exchange(0, [run, `${code}\t{"name":"Error","message":"no ${run.attempt}"}`]);
      }
    }
    expect(attempts).toEqual([1, 2, 3]);
    const { state, header, outcome } = await look(id);
    expect([state, header]).toEqual(['failed', '13,0,0,0,Y,']);
    expect(outcome).toMatch(/^f\d{13},3,1\n\{"name":"Error","message":"no 3"\}$/);
    await call('close', worker.epoch);
  });

  it('takes over what a crashed worker held; the late end of that one is refused [core:A2, core:A4, case:C1] [seed:H19]', async () => {
    await new Producer().add('greet', 1, 2, 3);
    const crashed = new Worker();
    await crashed.open(200);
    const { runs: lost } = await crashed.exchange(3);
    await crashed.start(lost[0] as Run);
    const heir = new Worker();
    await heir.open(30_000);
    const found: Run[] = [];
    await waitFor('the lease of the crashed worker to end', async () => {
      await call('housekeep', 100, 0);
      found.push(...(await heir.exchange(3)).runs);
      return found.length === 3;
    });
    expect(found.map(({ payload, attempt, isSuspect }) => [payload, attempt, isSuspect])).toEqual([
      [1, 2, true],
      [2, 1, true],
      [3, 1, true],
    ]);
    expect((await call('renew', crashed.epoch, 200, 0, 0))[0]).toBe('EPOCH_GONE');
    expect((await call('exchange', crashed.epoch, '0', 99, 0, 100, 0, 0, lost[0]?.id ?? '', '0.1\t5'))[0]).toBe(
      'EPOCH_GONE',
    );
    for (const run of found) expect(await heir.start(run)).toBe('');
    expect((await heir.exchange(0, ...found.map((run) => [run, '5'] as const))).refused).toBe('');
    await call('close', heir.epoch);
  });

  it('gives back what a lost reply leased [core:A1]', async () => {
    await new Producer().add('greet', 1, 2);
    const worker = new Worker();
    await worker.open(30_000);
    const { runs } = await worker.exchange(2);
    expect(await call('reconcile', worker.epoch, 2, '0', 1, runs[0]?.id ?? '')).toEqual(['OK', 1]);
    expect((await worker.exchange(2)).runs.map(({ payload }) => payload)).toEqual([2]);
    await call('close', worker.epoch);
  });

  it('cancels a running job, whose worker hears of it; waits for an outcome without polling [core:A19, core:B2]', async () => {
    const producer = new Producer();
    const [cancelled = '', awaited = ''] = await producer.add('greet', 1, 2);
    const worker = new Worker();
    await worker.open(30_000);
    const { runs } = await worker.exchange(2);
    expect(await producer.cancel(cancelled)).toBe('A');
    listener = redis.duplicate();
    const heard: string[] = [];
    listener.on('message', (_: string, message: string) => heard.push(message));
    await listener.subscribe(`${base}:a:me`);
    expect(await call('wait', awaited, `${base}:a:me`, 60_000)).toEqual(['WAIT']);
    const { refused } = await worker.exchange(0, ...runs.map((run) => [run, '7\t"done"'] as const));
    expect([refused, worker.taken]).toEqual(['1', `1\t${cancelled}\t0.1\tcancelled\n`]);
    await waitFor('the outcome', () => heard.length > 0);
    expect(heard).toEqual([expect.stringMatching(new RegExp(`^${awaited}\tc\\d{13},1,7\n"done"$`))]);
    await call('close', worker.epoch);
  });
});
