import { afterEach, describe, expect, it } from '@jest/globals';
import { connect, Queue, type Connection } from '../../libs/nest/src/index.js';
import { Child } from '../support/child.ts';
import { redisUrl, uniquePrefix } from '../support/redis.ts';
import { within } from '../support/wait-for.ts';

const program = new URL('./programs/signal-application.ts', import.meta.url);

/** A process that compiles its program has to start, on a machine that may be busy. */
const TIMEOUT_MS = 30_000;

describe('an application that is told to end', () => {
  let child: Child;
  let connection: Connection | undefined;

  afterEach(async () => {
    await child.kill();
    await connection?.close();
  });

  /** Starts the program, waits until its job runs, and sends SIGTERM. */
  async function terminate(mode: string, prefix = uniquePrefix('nest-')): Promise<void> {
    child = await Child.start(program, { args: [redisUrl(), prefix, mode] });
    await child.message({ type: 'running' });
    child.signal('SIGTERM');
  }

  const types = (): string[] => child.messages.map((message) => (message as { type: string }).type);

  it(
    'drains although nobody called enableShutdownHooks(), says so, and dies by the signal [nest:H10]',
    async () => {
      const prefix = uniquePrefix('nest-');
      await terminate('', prefix);
      child.send({ type: 'go on' });
      expect(await within('the end', child.exited, 15_000)).toEqual({ code: null, signal: 'SIGTERM' });
      expect(types()).toEqual(['warning', 'running', 'finished']);
      expect(child.messages[0]).toMatchObject({
        message:
          'Nothing handles SIGTERM, so a deploy would stall running jobs; Millrace drains its workers itself. Call app.enableShutdownHooks() in main.ts.',
      });
      connection = await connect(redisUrl(), { prefix });
      expect(await new Queue('mail', { connection }).counts()).toMatchObject({ completed: 1, active: 0, waiting: 0 });
    },
    TIMEOUT_MS,
  );

  it(
    'leaves it to Nest where that listens, without a word [nest:H10]',
    async () => {
      await terminate('nest');
      child.send({ type: 'go on' });
      expect(await within('the end', child.exited, 15_000)).toEqual({ code: null, signal: 'SIGTERM' });
      expect(types()).toEqual(['running', 'finished', 'destroyed']);
    },
    TIMEOUT_MS,
  );

  it(
    'dies at once where that was asked for [nest:H10]',
    async () => {
      await terminate('off');
      expect(await within('the end', child.exited, 15_000)).toEqual({ code: null, signal: 'SIGTERM' });
      expect(types()).toEqual(['running']);
    },
    TIMEOUT_MS,
  );
});
