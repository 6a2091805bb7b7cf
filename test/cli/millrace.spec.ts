import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { runCli } from '@millrace/cli';
import { listQueues, type AnyJobs, type Connection, type Queue } from '@millrace/core';
import { Harness } from '../core/support/harness.ts';

const PROGRAM = fileURLToPath(new URL('../../libs/cli/dist/bin/millrace.js', import.meta.url));

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the program to its end. */
function program(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const { REDIS_URL: _, NODE_OPTIONS: __, ...rest } = process.env;
    execFile(process.execPath, [PROGRAM, ...args], { env: { ...rest, ...env }, timeout: 30_000 }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err });
    });
  });
}

/** What the program does, within this process. */
async function millrace(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await runCli(args, { env, out: (text) => out.push(`${text}\n`), err: (text) => err.push(`${text}\n`) });
  return { code, out: out.join(''), err: err.join('') };
}

describe('millrace', () => {
  let harness: Harness;
  let connection: Connection;
  let queue: Queue<AnyJobs>;

  beforeEach(async () => {
    harness = new Harness();
    connection = await harness.connection;
    queue = await harness.queue();
    await queue.add('any', 1, { delayMs: 60_000 });
  });

  afterEach(async () => {
    await harness.close();
  });

  function on(command: string): Promise<Ended> {
    return millrace([command, 'mail', '--url', harness.url, '--prefix', harness.prefix]);
  }

  it('is a program that ends with 0 where all is well, 1 where something is wrong, 2 where it cannot tell, and says so', async () => {
    const letters = await harness.queue('letters');
    await letters.add('any', 1, { delayMs: 60_000 });
    await connection.client.del(`${harness.prefix}:{letters}:d`);
    const well = { code: 0, out: expect.stringMatching(/^Queue "mail": 0 findings among \d+ entries\.\n$/), err: '' };
    const wrong = {
      code: 1,
      out: expect.stringMatching(/^homeless .*\nQueue "letters": 1 finding among .*\n$/),
      err: '',
    };
    const refused = { code: 2, out: '', err: expect.stringMatching(/^Say what to do\.\n\nmillrace verify QUEUE/) };
    const env = { REDIS_URL: harness.url };
    const ends = [['verify', 'mail'], ['verify', 'letters'], []].map((args) =>
      program(args.length === 0 ? args : [...args, '--prefix', harness.prefix], env),
    );
    expect(await Promise.all(ends)).toEqual([well, wrong, refused]);
  });

  it('tells what is wrong, a line each, with 1; mends it with 0; and then all is well [case:R16]', async () => {
    await connection.client.del(`${harness.prefix}:{mail}:d`);
    const found = await on('verify');
    expect([found.code, found.err]).toEqual([1, '']);
    expect(found.out).toMatch(/^homeless {6}r .*: it is in no collection.*\nQueue "mail": 1 finding among/);
    const mended = await on('repair');
    expect(mended.code).toBe(0);
    expect(mended.out).toMatch(/^mended {2}homeless .*\nQueue "mail": 1 finding .*, all is well now\.\n$/);
    expect((await on('verify')).code).toBe(0);
    expect((await queue.counts()).waiting).toBe(1);
  });

  it('writes one object with --json, and takes the Redis from REDIS_URL', async () => {
    await connection.client.del(`${harness.prefix}:{mail}:d`);
    const args = ['verify', 'mail', '--prefix', harness.prefix, '--json'];
    const { code, out } = await millrace(args, { REDIS_URL: harness.url });
    expect([code, JSON.parse(out)]).toEqual([
      1,
      {
        queue: 'mail',
        isClean: false,
        findings: [expect.objectContaining({ kind: 'homeless', key: 'r', job: expect.any(String) })],
        looked: expect.any(Number),
        unchecked: [],
      },
    ]);
  });

  it('finds the slot of a queue by itself', async () => {
    const shared = await harness.queue('letters', { slot: 'shop' });
    await shared.add('any', 1);
    await connection.client.del(`${harness.prefix}:{shop}7:letters:r`);
    const args = ['verify', 'letters', '--url', harness.url, '--prefix', harness.prefix];
    expect((await millrace(args)).code).toBe(1);
    expect((await millrace([...args, '--slot', 'shop'])).code).toBe(1);
    const other = await millrace([...args, '--slot', 'other']);
    expect([other.code, other.err]).toEqual([2, expect.stringMatching(/slot/)]);
  });

  it('makes no queue of a name that is misspelt', async () => {
    const { code, err } = await millrace(['verify', 'mial', '--url', harness.url, '--prefix', harness.prefix]);
    expect(code).toBe(2);
    expect(err).toMatch(/^There is no queue "mial" under the prefix ".*"\. Did you mean "mail"\?/);
    expect((await listQueues(connection)).map(({ name }) => name)).toEqual(['mail']);
  });

  it.each([
    [[], /^Say what to do\./],
    [['mend', 'mail'], /^There is no command "mend"\./],
    [['verify'], /^verify takes the name of a queue/],
    [['verify', 'mail', 'post'], /^verify takes the name of a queue/],
    [['verify', 'mail'], /^Say which Redis/],
    [['verify', 'mail', '--urls', 'x'], /'--urls'/],
    [['verify', 'mail', '--url', 'nothing://x'], /nothing/],
  ])('refuses what it cannot read, with 2: %j', async (args, sentence) => {
    const { code, out, err } = await millrace(args);
    expect([code, out, err]).toEqual([2, '', expect.stringMatching(sentence)]);
  });

  it('says where Redis does not answer, without its password, with 2', async () => {
    const { code, err } = await millrace(['verify', 'mail', '--url', 'redis://:secret@127.0.0.1:1']);
    expect(code).toBe(2);
    expect(err).toContain('127.0.0.1:1');
    expect(err).not.toContain('secret');
  }, 30_000);

  it('tells its usage', async () => {
    expect(await millrace(['--help'])).toMatchObject({ code: 0, out: expect.stringMatching(/^millrace verify QUEUE/) });
  });
});
