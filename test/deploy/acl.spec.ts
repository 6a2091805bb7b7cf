import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, ConnectionError, silentLogger, type Connection } from '@millrace/core';
import { neededCommands } from '../../libs/core/src/redis/server/permission-check.js';
import { RedisServer } from '../support/redis-server.ts';
import { leastUser } from './support/acl-guide.ts';

/** What a user may lack: then less is checked, and connections have no names. */
const DISPENSABLE = ['+info', '+client|setname'];

describe('the least user of the guide', () => {
  const { rules } = leastUser('test-acl', 'pw');
  const commands = rules.filter((rule) => rule.startsWith('+'));
  let redis: RedisServer;

  beforeAll(async () => {
    redis = await RedisServer.start();
  });

  afterAll(() => redis.stop());

  /** Connects as a user with these rules. */
  async function open(user: string, wanted: readonly string[]): Promise<Connection> {
    expect(await redis.command('ACL', 'SETUSER', user, ...wanted)).toContain('OK');
    const settings = { prefix: 'test-acl', logger: silentLogger };
    return connect({ port: redis.port, username: user, password: 'pw' }, settings);
  }

  it('has the commands that Millrace runs, and no others [case:R27]', () => {
    const needed = neededCommands().map((command) => `+${command.toLowerCase().replace(' ', '|')}`);
    expect(commands).toEqual([...DISPENSABLE, ...needed]);
    expect(rules.slice(0, -commands.length)).toEqual(['on', '>pw', '~test-acl:*', '&test-acl:*']);
  });

  it('is let in, also without what is only looked at [case:R27]', async () => {
    await (await open('least', rules)).close();
    await (
      await open(
        'blind',
        rules.filter((rule) => !DISPENSABLE.includes(rule)),
      )
    ).close();
  });

  it('is refused at the start without any one of the commands, which is named [case:R27]', async () => {
    const unnoticed: string[] = [];
    for (const missing of commands.filter((command) => !DISPENSABLE.includes(command))) {
      const name = missing.slice(1).replace('|', ' ').toUpperCase();
      const opening = open(
        `without-${name.replace(' ', '-')}`,
        rules.filter((rule) => rule !== missing),
      );
      const error = await opening.then((connection) => connection.close()).catch((reason: unknown) => reason);
      const isSaid =
        error instanceof ConnectionError && error.code === 'AUTH' && error.message.includes(`may not run ${name} on`);
      if (!isSaid) unnoticed.push(name);
    }
    expect(unnoticed).toEqual([]);
  });
});
