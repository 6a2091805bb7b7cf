import type { Client } from './client.js';

/** The part of the time that answers which are due may still take. */
const QUIT_SHARE = 0.7;

/**
 * Closes a client of our own in whatever status it is: answers that are due may still come for a while, then its
 * sockets are destroyed. Settles within the time, and never rejects.
 */
export async function closeClient(client: Client, timeoutMs: number): Promise<void> {
  // Its failures matter to nobody any more, and an `error` event that nobody hears would end the process.
  client.on('error', () => {});
  if (client.status === 'ready') await within(client.quit().then(nothing, nothing), timeoutMs * QUIT_SHARE);
  if (client.status === 'end') return;
  const ended = new Promise<void>((resolve) => client.once('end', () => resolve()));
  client.disconnect();
  // While it waits for its next try there is no socket, and ioredis announces no end: there is nothing to wait for.
  if (client.status === 'reconnecting') return;
  await within(ended, timeoutMs * (1 - QUIT_SHARE));
}

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
