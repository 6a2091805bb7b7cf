import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { connect, Queue, type Connection } from '../../libs/nest/src/index.js';
import { Child } from '../support/child.ts';
import { freePort } from '../support/free-port.ts';
import { redisUrl, uniquePrefix } from '../support/redis.ts';
import { within } from '../support/wait-for.ts';

const program = new URL('./programs/failing-boot.ts', import.meta.url);

/** A process that compiles its program has to start, on a machine that may be busy. */
const TIMEOUT_MS = 30_000;

describe('a process whose application failed to start', () => {
  let child: Child;
  let connection: Connection;
  let prefix: string;

  beforeEach(async () => {
    prefix = uniquePrefix('nest-');
    connection = await connect(redisUrl(), { prefix });
    const mail = new Queue('mail', { connection, slot: 'letters' });
    await mail.counts();
    await mail.close();
  });
  afterEach(async () => {
    await child.kill();
    await connection.close();
  });

  it.each([
    { what: 'a provider failed', step: 'factory', reason: 'The database is away.' },
    { what: 'a hook failed', step: 'hook', reason: 'The database is away.' },
    { what: 'a hook failed while Redis is away', step: 'hook without Redis', reason: 'The database is away.' },
    { what: 'a worker failed while another one runs', step: 'workers', reason: 'Queue "mail" is registered' },
  ])(
    'ends by itself, with the reason, where $what',
    async ({ step, reason }) => {
      const url = step === 'hook without Redis' ? `redis://127.0.0.1:${await freePort()}` : redisUrl();
      child = await Child.start(program, { args: [url, prefix, step] });
      expect(await within('the end', child.exited, 15_000)).toEqual({ code: 3, signal: null });
      expect(child.output).toContain(reason);
    },
    TIMEOUT_MS,
  );
});
