import { isCluster, type Client } from './client.js';

/**
 * Closes a client of our own in whatever status it is: answers that are due may still come for a while, then its
 * sockets are destroyed. Settles within the time, and never rejects.
 */
export async function closeClient(client: Client, timeoutMs: number): Promise<void> {
  // Its failures matter to nobody any more, and an `error` event that nobody hears would end the process.
  client.on('error', () => {});
  if (client.status === 'ready') await within(client.quit().then(nothing, nothing), timeoutMs);
  if (client.status === 'end') return;
  const ended = new Promise<void>((resolve) => client.once('end', () => resolve()));
  client.disconnect();
  // While it waits for its next try there is no socket, and ioredis announces no end: there is nothing to wait for.
  if (client.status === 'reconnecting') return;
  destroySocket(client);
  await within(ended, Math.max(SHORTEST_MS, timeoutMs));
}

const SHORTEST_MS = 100;

function nothing(): void {}

function within(promise: Promise<unknown>, timeoutMs: number): Promise<unknown> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, timeoutMs);
    void promise.then(() => {
      clearTimeout(timer);
      resolve(undefined);
    });
  });
}

/** ioredis asks a socket to end politely, which one that never connected does not hear until its time is over. */
function destroySocket(client: Client): void {
  if (isCluster(client)) return;
  const { stream } = client as unknown as { stream?: { destroy(): void; connecting: boolean } };
  if (stream?.connecting) stream.destroy();
}
