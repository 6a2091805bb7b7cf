import { bulkStrings, rawCommand } from '../../support/redis-client.ts';
import type { RedisServer } from '../../support/redis-server.ts';

/** Keys that go in one step; other commands run between two. */
const STEP = 5;

/** Moves the slot of a key from one master to another as operators do it (`redis-cli --cluster reshard`), key by key. */
export async function moveSlot(key: string, source: RedisServer, target: RedisServer): Promise<number> {
  const slot = (await source.command('CLUSTER', 'KEYSLOT', key)).trim().slice(1);
  const [from, to] = [await idOf(source), await idOf(target)];
  await said(target, 'CLUSTER', 'SETSLOT', slot, 'IMPORTING', from);
  await said(source, 'CLUSTER', 'SETSLOT', slot, 'MIGRATING', to);
  let moved = 0;
  for (;;) {
    const keys = bulkStrings(await source.command('CLUSTER', 'GETKEYSINSLOT', slot, String(STEP)));
    if (keys.length === 0) break;
    await said(source, 'MIGRATE', '127.0.0.1', String(target.port), '', '0', '5000', 'KEYS', ...keys);
    moved += keys.length;
  }
  for (const server of [target, source]) await said(server, 'CLUSTER', 'SETSLOT', slot, 'NODE', to);
  return moved;
}

async function idOf(server: RedisServer): Promise<string> {
  return bulkStrings(await server.command('CLUSTER', 'MYID'))[0] ?? '';
}

async function said(server: RedisServer, ...args: string[]): Promise<void> {
  const reply = await rawCommand(server.port, args, 10_000);
  if (reply.startsWith('-')) throw new Error(`${args.slice(0, 3).join(' ')}: ${reply.trim()}`);
}
