import { createHash } from 'node:crypto';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ClosedError, NoRedisError, ProtocolError, StorageRefusedError } from '../../libs/core/src/errors/index.js';
import type { ConnectSettings } from '../../libs/core/src/options/index.js';
import {
  baseKey,
  CallUnknownError,
  connect,
  scripts,
  type Connection,
  type Script,
} from '../../libs/core/src/redis/index.js';
import { Proxy } from '../support/proxy.ts';
import { RedisServer } from '../support/redis-server.ts';
import { waitFor, within } from '../support/wait-for.ts';
import { ConnectionLog } from './connection-log.ts';
import { CommandCount } from './support/command-count.ts';

const SECRET = 'a payload that nobody may log';

/** One for all tests: what they do to it is undone after each. */
let redis: RedisServer;
let proxy: Proxy;

beforeAll(async () => {
  redis = await RedisServer.start();
  proxy = await Proxy.start(redis.url);
});

afterEach(async () => {
  redis.thaw();
  if (redis.pid === undefined) await redis.restart();
  await redis.command('REPLICAOF', 'NO', 'ONE');
  await redis.command('CONFIG', 'SET', 'maxmemory', '0', 'busy-reply-threshold', '5000');
  await redis.command('FLUSHALL');
  await proxy.pass();
});

afterAll(async () => {
  await proxy.close();
  await redis.stop();
});

/** Counts under a key and answers the count. */
const count = script("return redis.call('INCR', KEYS[1])");
const refuse = script("return redis.error_reply('JOB_NOT_FOUND there is no job ' .. ARGV[1])");
const raise = script("error(redis.error_reply('INVALID_OPTION it cannot be ' .. ARGV[1]))");
const fail = script("return redis.call('HGET', KEYS[1])");

function script(source: string): Script<readonly string[], unknown> {
  const sha1 = createHash('sha1').update(source).digest('hex');
  return { name: 'trial', repeat: 'natural', sha1, source, encode: (args) => [...args], decode: (raw) => raw };
}

describe('a call', () => {
  const base = baseKey('test-calls', 'mail');
  let connection: Connection;
  let log: ConnectionLog;

  async function open(settings: ConnectSettings = {}): Promise<Connection> {
    connection = await connect(proxy.url, { logger: log, prefix: 'test-calls', closeTimeoutMs: 300, ...settings });
    return connection;
  }

  function run(args: readonly string[] = [], what = count): Promise<unknown> {
    return connection.scripts.run(what, base, args);
  }

  function failure(call: Promise<unknown>, timeoutMs = 3_000): Promise<unknown> {
    return within('the call to settle', call, timeoutMs).catch((error: unknown) => error);
  }

  beforeEach(() => {
    log = new ConnectionLog();
  });

  afterEach(() => connection.close());

  /** Resolves when Redis has all scripts of the core: those that it lacks are loaded in the background. */
  async function allLoaded(): Promise<void> {
    const ids = scripts.SCRIPTS.map(({ sha1 }) => sha1);
    await waitFor('the scripts', async () => !(await redis.command('SCRIPT', 'EXISTS', ...ids)).includes(':0'));
  }

  it('loads a script that Redis does not have, once for all who call it [case:R20]', async () => {
    await open();
    await allLoaded();
    const replies = await Promise.all(Array.from({ length: 50 }, () => run()));
    expect(replies).toHaveLength(50);
    const stats = await redis.command('INFO', 'commandstats');
    expect(stats).toMatch(/cmdstat_script\|load:calls=\d+/);
    const loads = Number(/cmdstat_script\|load:calls=(\d+)/.exec(stats)?.[1]);
    await redis.command('SCRIPT', 'FLUSH');
    await Promise.all(Array.from({ length: 50 }, () => run()));
    const after = Number(/cmdstat_script\|load:calls=(\d+)/.exec(await redis.command('INFO', 'commandstats'))?.[1]);
    expect(after - loads).toBe(1);
  });

  it('brings the scripts that Redis lacks, each once and several in one round trip [case:R20]', async () => {
    await redis.command('SCRIPT', 'FLUSH');
    const count = await CommandCount.start(redis.url);
    await open();
    const size = scripts.SCRIPTS.length;
    await waitFor('the scripts', async () => (await count.of('script|load')) >= size);
    // Answered behind all that the connection has asked for.
    await connection.client.ping();
    // One is loaded once more: whether the user may do so is tried when the connection is made.
    expect(await count.of('script|load')).toBeLessThanOrEqual(size + 1);
    expect(await count.of('script|exists')).toBeLessThan(size / 2);
  });

  it('never shows NOSCRIPT, however often the script cache is emptied, and runs once [case:R20]', async () => {
    await open();
    const until = performance.now() + 500;
    const flushing = (async () => {
      while (performance.now() < until) await redis.command('SCRIPT', 'FLUSH');
    })();
    let calls = 0;
    while (performance.now() < until) {
      await Promise.all(Array.from({ length: 10 }, () => run()));
      calls += 10;
    }
    await flushing;
    expect(await redis.command('GET', base)).toContain(`\r\n${calls}\r\n`);
  });

  it('has its scripts loaded again after a restart [case:R20]', async () => {
    await open();
    await redis.restart();
    await waitFor('the scripts', async () =>
      (await redis.command('INFO', 'memory')).match(/number_of_cached_scripts:[1-9]/),
    );
  });

  it('loads no script that Redis has: each client of a fleet that connects again would bring a megabyte [case:R20]', async () => {
    await open();
    await allLoaded();
    await redis.command('CONFIG', 'RESETSTAT');
    const again = await connect(proxy.url, { logger: log, prefix: 'test-calls' });
    await waitFor('the question', async () => /script\|exists/.test(await redis.command('INFO', 'commandstats')));
    // What follows from the answer has been sent before the second one.
    for (let n = 0; n < 2; n++) await again.client.ping();
    expect(await redis.command('INFO', 'commandstats')).not.toMatch(/script\|load/);
    await again.close();
  });

  it('survives a lost reply: the client asks again, and the caller gets an answer [case:R7]', async () => {
    await open();
    await run();
    const cut = proxy.cutAfterExecuted('evalsha');
    const reply = run();
    await within('the cut', cut);
    // This script is not idempotent, so that its second run shows; those of the core answer as the first time.
    expect(await within('the answer', reply)).toBe(3);
  });

  it('is of unknown outcome when a frozen server answers too late, and stays bounded in time', async () => {
    await open({ commandTimeoutMs: 200 });
    await run();
    redis.freeze();
    const error = await failure(run([SECRET]), 1_000);
    expect(error).toBeInstanceOf(CallUnknownError);
    expect((error as Error).message).toBe('The outcome of trial is unknown: no answer within 200 ms.');
  });

  it('replaces a socket that died silently, and goes on [case:R9]', async () => {
    await open({ commandTimeoutMs: 300 });
    await run();
    proxy.blackhole();
    expect(await failure(run())).toBeInstanceOf(CallUnknownError);
    await waitFor('the socket to be given up', () => connection.state === 'down');
    await proxy.pass();
    await waitFor('an answer', async () => typeof (await failure(run())) === 'number');
  });

  it('is definitely not sent while Redis is away, and is not sent later either [case:O7]', async () => {
    await open({ commandTimeoutMs: 400 });
    await run();
    await redis.kill();
    await waitFor('the loss', () => connection.state === 'down');
    const error = await failure(run());
    expect(NoRedisError.is(error)).toBe(true);
    await redis.restart();
    await waitFor('the connection', () => connection.state === 'ready');
    expect(await run()).toBe(1);
  });

  it('waits for Redis within its time', async () => {
    await open({ commandTimeoutMs: 5_000 });
    await redis.kill();
    await waitFor('the loss', () => connection.state === 'down');
    const reply = run();
    await redis.restart();
    expect(await within('the answer', reply)).toBe(1);
  });

  it('throws the code that the script answered', async () => {
    await open();
    const error = await failure(run(['42'], refuse));
    expect(error).toMatchObject({ code: 'JOB_NOT_FOUND', message: 'there is no job 42' });
  });

  it('says nothing of where in a script Redis was', async () => {
    await open();
    const error = await failure(run(['42'], raise));
    expect(error).toMatchObject({ code: 'INVALID_OPTION', message: 'it cannot be 42' });
    expect(inspectAll(error)).not.toContain('user_script');
  });

  it('throws for a script that broke, without its arguments [case:S11]', async () => {
    await open();
    const error = await failure(run([SECRET], fail));
    expect(ProtocolError.is(error)).toBe(true);
    expect((error as Error).message).toMatch(
      /^Command trial on queue "mail" failed in Redis: ERR Wrong number of args calling (Redis )?command from script\. Look/,
    );
    expect((error as Error).cause).toMatchObject({ message: expect.stringContaining('@user_script:1') });
    expect(inspectAll(error)).not.toContain(SECRET);
  });

  it('is refused when the memory is full, which is a definite no [case:R14] [core:B6]', async () => {
    await open();
    await redis.command('CONFIG', 'SET', 'maxmemory', '1');
    const error = await failure(run([SECRET]));
    expect(StorageRefusedError.is(error)).toBe(true);
    expect(error).toMatchObject({ queue: 'mail', reason: 'OOM' });
    expect(inspectAll(error)).not.toContain(SECRET);
    await redis.command('CONFIG', 'SET', 'maxmemory', '0');
    expect(await run()).toBe(1);
  });

  it('is refused by a replica, and works when that is promoted [case:R11]', async () => {
    await open();
    await redis.command('REPLICAOF', '127.0.0.1', '1');
    expect(await failure(run())).toMatchObject({ code: 'STORAGE_REFUSED', reason: 'READONLY' });
    await redis.command('REPLICAOF', 'NO', 'ONE');
    await waitFor('the connection', () => connection.state === 'ready');
    expect(await run()).toBe(1);
  });

  it('connects again after READONLY, because the address may lead to the new primary [case:R11]', async () => {
    await open();
    const before = await redis.command('CLIENT', 'LIST');
    await redis.command('REPLICAOF', '127.0.0.1', '1');
    await failure(run());
    const id = /id=(\d+) [^\n]*name=millrace:commands/;
    await waitFor('a new socket', async () => {
      const now = id.exec(await redis.command('CLIENT', 'LIST'))?.[1];
      return now !== undefined && now !== id.exec(before)?.[1];
    });
  });

  it('is refused after the connection was closed', async () => {
    await open();
    await connection.close();
    expect(ClosedError.is(await failure(run()))).toBe(true);
  });

  it('settles when the connection is closed under it', async () => {
    await open();
    await run();
    redis.freeze();
    const call = failure(run());
    await within('the close', connection.close(), 3_000);
    expect(await call).toBeInstanceOf(CallUnknownError);
  });

  it('is answered while its connection is killed again and again, which leaves nothing behind [case:R22]', async () => {
    await open();
    await run();
    const listeners = connection.client.eventNames().map((name) => connection.client.listenerCount(name));
    const until = performance.now() + 500;
    let calls = 0;
    const calling = (async () => {
      for (; performance.now() < until; calls++) await within('an answer', run());
    })();
    while (performance.now() < until) {
      await redis.command('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      await waitFor('the connection', () => connection.state === 'ready');
    }
    await calling;
    expect(calls).toBeGreaterThan(0);
    expect(connection.client.eventNames().map((name) => connection.client.listenerCount(name))).toEqual(listeners);
    const clients = async (): Promise<number> =>
      (await redis.command('CLIENT', 'LIST')).split('name=millrace').length - 1;
    // The last one that was killed may still be on its way back.
    await waitFor('its one connection', async () => (await clients()) === 1);
  });

  it('rejects arguments that cannot be encoded, and sends nothing', async () => {
    await open();
    const encode = (): never => {
      throw new TypeError('no');
    };
    await expect(run([], { ...count, encode })).rejects.toThrow(TypeError);
    expect(await redis.command('EXISTS', base)).toBe(':0\r\n');
  });

  it('takes more arguments than can be spread', async () => {
    connection = await connect(redis.url, { logger: log });
    const size = script('return #ARGV');
    const many = Array.from({ length: 200_000 }, (_, index) => String(index));
    expect(await run(many, size)).toBe(200_000);
  });
});

describe('a call that is repeated until it is answered', () => {
  const base = baseKey('test-calls', 'mail');
  let connection: Connection;
  let giveUp: AbortController;

  beforeEach(async () => {
    giveUp = new AbortController();
    const settings = { logger: new ConnectionLog(), prefix: 'test-calls', commandTimeoutMs: 200, closeTimeoutMs: 300 };
    connection = await connect(proxy.url, settings);
  });

  afterEach(() => connection.close());

  function repeat(): Promise<unknown> {
    return connection.scripts.run(count, base, [], { repeatUntilAnswered: giveUp.signal });
  }

  it('gets its answer after an outage that was longer than its time', async () => {
    await redis.kill();
    await waitFor('the loss', () => connection.state === 'down');
    const reply = repeat();
    await expect(within('nothing', reply, 500)).rejects.toThrow(/waited/);
    await redis.restart();
    // More than once where an answer took longer than a call may wait.
    expect(await within('the answer', reply)).toEqual(expect.any(Number));
  });

  it('gets its answer after a server was frozen', async () => {
    redis.freeze();
    const reply = repeat();
    await expect(within('nothing', reply, 500)).rejects.toThrow(/waited/);
    redis.thaw();
    expect(await within('the answer', reply)).toEqual(expect.any(Number));
  });

  it('goes on while a replica refuses [case:R11]', async () => {
    await redis.command('REPLICAOF', '127.0.0.1', '1');
    const reply = repeat();
    await expect(within('nothing', reply, 300)).rejects.toThrow(/waited/);
    await redis.command('REPLICAOF', 'NO', 'ONE');
    expect(await within('the answer', reply)).toBe(1);
  });

  it('goes on while a script of somebody else keeps the server busy [case:R17]', async () => {
    await redis.command('CONFIG', 'SET', 'busy-reply-threshold', '1');
    const busy = redis.command('EVAL', 'while true do end', '0').catch(() => undefined);
    await waitFor('the server to be busy', async () => (await redis.command('GET', base)).startsWith('-BUSY'));
    await expect(connection.scripts.run(count, base, [])).rejects.toMatchObject({ reason: 'BUSY' });
    const reply = repeat();
    await expect(within('nothing', reply, 300)).rejects.toThrow(/waited/);
    await redis.command('SCRIPT', 'KILL');
    await busy;
    expect(await within('the answer', reply)).toBe(1);
  });

  it('does not repeat what the script itself refused', async () => {
    const call = connection.scripts.run(refuse, base, ['7'], { repeatUntilAnswered: giveUp.signal });
    await expect(within('the refusal', call, 500)).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
  });

  it.each(['while Redis is away', 'while Redis is frozen'])(
    'ends at once with the reason of the signal %s',
    async (when) => {
      if (when.endsWith('away')) await redis.kill();
      else redis.freeze();
      const reply = repeat();
      giveUp.abort(new Error('the worker stops'));
      await expect(within('the end', reply, 150)).rejects.toThrow('the worker stops');
    },
  );
});

function inspectAll(error: unknown): string {
  const { message, stack, cause } = error as Error;
  return [message, stack, cause === undefined ? '' : inspectAll(cause), JSON.stringify(error)].join('\n');
}
