import type { Connection } from '@millrace/core';

/** So often in a row nothing must be out: what a message from Redis sets off begins a turn later. */
const QUIET_ROUNDS = 3;

/** Resolves when no call of a connection is out, and none follows by itself. */
export async function quiet(connection: Connection | undefined): Promise<void> {
  await turn();
  if (connection === undefined) return;
  for (let rounds = 0; rounds < QUIET_ROUNDS;) {
    // Answers come in order: with this one those to all calls before are here.
    await connection.client.ping();
    await turn();
    await turn();
    rounds = isIdle(connection.client) ? rounds + 1 : 0;
  }
}

/** ioredis keeps what was sent and not answered in a queue, which its types do not show. */
function isIdle(client: unknown): boolean {
  const { commandQueue } = client as { readonly commandQueue?: { readonly length: number } };
  return (commandQueue?.length ?? 0) === 0;
}

/** A turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
