import { open } from '../../../libs/core/src/redis/scripts.generated.js';
import type { Core } from '../core/core.js';
import { newClient, type Client } from '../world/client.js';
import type { World } from '../world/world.js';
import { expectReply, perform } from './perform.js';

const LEASE_MS = 300;

/** What the worker knows of the queue, with an epoch that it has opened. */
export async function clientOf(world: World, core: Core, queue: number, worker: number): Promise<Client> {
  const known = world.clients.find((client) => client.worker === worker && client.queue === queue);
  if (known !== undefined) return known;
  const client = newClient(worker, queue, `w${worker}n${world.mint()}`);
  world.clients.push(client);
  await openEpoch(world, core, client);
  return client;
}

async function openEpoch(world: World, core: Core, { queue: index, epoch }: Client): Promise<void> {
  const args = { epoch, version: 1, lease: LEASE_MS, info: `{"name":"${epoch}"}` };
  await perform(world, core, { queue: index, script: open, args }, (reply) => {
    const queue = world.queue(index);
    const unclaimed = [...new Set(queue.inState('aside').map(({ name }) => name))].sort();
    const wish = Number(queue.settings.get('lease') ?? 0);
    const actual = reply.code === 'OK' ? { ...reply, bits: '', unclaimed: [...reply.unclaimed].sort() } : reply;
    expectReply(actual, { code: 'OK', lease: wish, pause: queue.pause, bits: '', unclaimed });
    if (queue.epochs.has(epoch)) return;
    queue.epochs.set(epoch, {
      name: epoch,
      lease: LEASE_MS,
      expiry: world.now + LEASE_MS,
      isOpen: true,
      isSpared: false,
      late: undefined,
      obeyed: 0,
      leased: 0,
      takenSoFar: 0,
      taken: [],
      slots: new Map(),
    });
    queue.seen ??= world.now;
  });
}

/** The worker finds its epoch gone: all that it ran is lost to it. */
export function loseClient(world: World, client: Client): void {
  for (const [id, token] of client.knows) world.stale.push({ queue: client.queue, id, token });
  const at = world.clients.indexOf(client);
  if (at >= 0) world.clients.splice(at, 1);
}

/** A run that the worker has is over. */
export function drop(world: World, client: Client, id: string): void {
  const token = client.knows.get(id);
  if (token !== undefined) world.stale.push({ queue: client.queue, id, token });
  client.knows.delete(id);
}

/** Reads of a reply which runs were taken away. */
export function hearTaken(world: World, client: Client, text: string): void {
  for (const line of text.split('\n').slice(0, -1)) {
    const [number = '', id = '', token = ''] = line.split('\t');
    client.received = Math.max(client.received, Number(number));
    if (client.knows.get(id) === token) drop(world, client, id);
  }
}
