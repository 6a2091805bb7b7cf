import { bulkStrings, rawCommand } from './redis-client.ts';
import { TEST_PREFIX } from './redis.ts';
import { waitFor } from './wait-for.ts';

/** What keeps a process alive (sockets, timers, child processes, threads), counted by kind. */
export type LiveResources = ReadonlyMap<string, number>;

// Node does not list threads among the active resources, but tells of each one that starts.
let threads = 0;
process.on('worker', (worker) => {
  threads += 1;
  worker.once('exit', () => (threads -= 1));
});

// Node opens the standard streams at their first use, whichever file's that is; from here on they count for none.
void [process.stdout, process.stderr];

/** Counts what keeps this process alive now. */
export function liveResources(): LiveResources {
  const counts = new Map<string, number>([['Worker', threads]]);
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

/** What is there before a test file begins: what a file before it has left is named once, with that one. */
export interface Baseline {
  readonly resources: LiveResources;
  /** The ids of the connections that Redis has. */
  readonly connections: ReadonlySet<string>;
}

/** What is there now. */
export async function takeBaseline(redisPort: number): Promise<Baseline> {
  // In this order: the question needs a socket of its own.
  const resources = liveResources();
  return { resources, connections: new Set((await openConnections(redisPort)).map(idOf)) };
}

/**
 * Sentences about what a test file left behind: keys outside the test prefixes, connections to the run's Redis, and
 * whatever keeps the process alive that was not there `before`. What is still closing has `timeoutMs` to do so.
 */
export async function findLeaks(before: Baseline, redisPort: number, timeoutMs = 3_000): Promise<string[]> {
  let leaks: string[] = [];
  const check = async (): Promise<boolean> => {
    leaks = [...leakedResources(before.resources), ...(await leakedConnections(before.connections, redisPort))];
    return leaks.length === 0;
  };
  await waitFor('everything to be closed', check, { timeoutMs, intervalMs: 20 }).catch(() => undefined);
  return [...leaks, ...(await leakedKeys(redisPort))];
}

/** Removes every key of a Redis that belongs to nobody else. */
export async function removeAllKeys(redisPort: number): Promise<void> {
  await rawCommand(redisPort, ['FLUSHALL', 'ASYNC']);
}

function leakedResources(before: LiveResources): string[] {
  return [...liveResources()]
    .filter(([kind, count]) => count > (before.get(kind) ?? 0))
    .map(([kind, count]) => `${count - (before.get(kind) ?? 0)} × ${kind} is still open`);
}

async function leakedConnections(before: ReadonlySet<string>, port: number): Promise<string[]> {
  const connections = (await openConnections(port)).filter((line) => !before.has(idOf(line)));
  return connections.map((line) => `a connection to Redis is still open: ${line}`);
}

/** The connections that Redis has, each as it describes it, but for the one that asks. */
async function openConnections(port: number): Promise<string[]> {
  const reply = await rawCommand(port, ['CLIENT', 'LIST']);
  const lines = reply.split('\n').map((line) => line.trim());
  return lines.filter((line) => line.startsWith('id=') && !line.includes('cmd=client|list'));
}

function idOf(connection: string): string {
  return /^id=\d+/.exec(connection)?.[0] ?? '';
}

async function leakedKeys(port: number): Promise<string[]> {
  if ((await rawCommand(port, ['DBSIZE'])) === ':0\r\n') return [];
  const keys = bulkStrings(await rawCommand(port, ['KEYS', '*'], 10_000));
  return keys.filter((key) => !key.startsWith(TEST_PREFIX)).map((key) => `a key outside the test's prefix: ${key}`);
}
