import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { Proxy } from './proxy.ts';
import { redisUrl, uniquePrefix } from './redis.ts';
import { waitFor, within } from './wait-for.ts';

describe('the TCP proxy of the tests', () => {
  let proxy: Proxy;
  let direct: Redis;
  let client: Redis;
  let key: string;

  beforeEach(async () => {
    proxy = await Proxy.start(redisUrl());
    direct = new Redis(redisUrl());
    client = new Redis(proxy.url, { maxRetriesPerRequest: 0, retryStrategy: () => null });
    client.on('error', () => undefined);
    key = uniquePrefix();
    await client.set(key, '0');
  });

  afterEach(async () => {
    client.disconnect();
    direct.disconnect();
    await proxy.close();
  });

  it('cuts after Redis has executed a command, and answers what was asked before it', async () => {
    const cut = proxy.cutAfterExecuted(`incr ${key}`);
    const before = client.get(key);
    const lost = client.incr(key);
    lost.catch(() => undefined);
    await within('the cut', cut);
    await expect(before).resolves.toBe('0');
    await expect(lost).rejects.toThrow();
    expect(await direct.get(key)).toBe('1');
  });

  it('cuts before Redis gets a command, and passes on what was sent before it', async () => {
    const cut = proxy.cutBeforeForward(/^incr /i);
    const before = client.set(key, '5');
    const lost = client.incr(key);
    before.catch(() => undefined);
    lost.catch(() => undefined);
    await within('the cut', cut);
    await expect(lost).rejects.toThrow();
    await waitFor('the command before the cut', async () => (await direct.get(key)) === '5');
  });

  it.each([
    { point: 'before', effect: '0', isTold: false },
    { point: 'sent', effect: '1', isTold: true },
    { point: 'answered', effect: '1', isTold: false },
    { point: 'told', effect: '1', isTold: true },
  ] as const)('does what it is asked to do at a command: $point', async ({ point, effect, isTold }) => {
    const sprung = new Promise<void>((spring) => proxy.at(point, /^incr /i, spring));
    const before = client.get(key);
    before.catch(() => undefined);
    const told = client.incr(key).then(
      () => true,
      () => false,
    );
    await within('the trap', sprung);
    expect(await told).toBe(isTold);
    if (point !== 'before') await expect(before).resolves.toBe('0');
    expect(await direct.get(key)).toBe(effect);
  });

  it('does nothing more that was called off', async () => {
    const callOff = proxy.at('before', /^incr /i, () => proxy.reset());
    expect([callOff(), callOff()]).toEqual([true, false]);
    expect(await client.incr(key)).toBe(1);
  });

  it('drops the answers only when half open, and resets that connection when it passes again', async () => {
    proxy.half();
    const unanswered = client.incr(key);
    unanswered.catch(() => undefined);
    await waitFor('the effect', async () => (await direct.get(key)) === '1');
    await waitFor('the answer to be dropped', () => proxy.hasLostBytes);
    await proxy.pass();
    await expect(unanswered).rejects.toThrow();
  });

  it('silences the connections that live, one by one if asked, and passes new ones', async () => {
    const [port = NaN] = proxy.portsAtRedis;
    expect(await direct.client('LIST')).toContain(`:${port} `);
    proxy.silence([port + 1]);
    expect(await client.get(key)).toBe('0');
    proxy.silence([port]);
    const unanswered = client.incr(key);
    unanswered.catch(() => undefined);
    const other = new Redis(proxy.url);
    expect(await other.get(key)).toBe('0');
    other.disconnect();
    expect(proxy.connections).toBeGreaterThanOrEqual(1);
    await proxy.pass();
    await expect(unanswered).rejects.toThrow();
  });

  it('swallows everything as a black hole while the connections stay open', async () => {
    proxy.blackhole();
    const swallowed = client.incr(key);
    swallowed.catch(() => undefined);
    await expect(within('an answer', swallowed, 100)).rejects.toThrow('waited 100 ms');
    expect(proxy.connections).toBe(1);
    expect(await direct.get(key)).toBe('0');
  });

  it('refuses new connections and lets them in again on the same port', async () => {
    proxy.refuse();
    const late = new Redis(proxy.url, { lazyConnect: true, retryStrategy: () => null });
    late.on('error', () => undefined);
    await expect(late.connect()).rejects.toThrow();
    await expect(client.ping()).resolves.toBe('PONG');
    await proxy.pass();
    await late.connect();
    late.disconnect();
  });

  it('delays by the time asked for, and keeps pipelined answers in order in small pieces', async () => {
    proxy.delay(50);
    proxy.chunk(3);
    const began = performance.now();
    const values = await Promise.all([client.incr(key), client.incr(key), client.get(key)]);
    expect(values).toEqual([1, 2, '2']);
    expect(performance.now() - began).toBeGreaterThanOrEqual(100);
  });

  it('resets the living connections', async () => {
    const closed = new Promise((resolve) => client.once('close', resolve));
    proxy.reset();
    await within('the close', closed);
  });
});
