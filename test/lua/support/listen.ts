import { waitFor } from '../../support/wait-for.js';
import type { LuaQueue } from './lua-queue.js';

/** What is published on some channels while `action` runs, as `channel: message`, once `count` messages have come. */
export async function heardDuring(
  queue: LuaQueue,
  channels: readonly string[],
  count: number,
  action: () => Promise<unknown>,
): Promise<string[]> {
  const listener = queue.redis.duplicate();
  const heard: string[] = [];
  try {
    listener.on('message', (channel: string, message: string) => heard.push(`${channel}: ${message}`));
    await listener.subscribe(...channels);
    await action();
    await waitFor(`${count} messages`, () => heard.length >= count);
    return heard;
  } finally {
    listener.disconnect();
  }
}
