import { afterEach, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { Child } from './child.ts';
import { RedisServer } from './redis-server.ts';
import { waitFor } from './wait-for.ts';

describe('a Redis server of a test', () => {
  let stop: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    await Promise.all(stop.map((end) => end()));
    stop = [];
  });

  it('keeps an append-only file over kill -9 and a restart on the same port', async () => {
    const server = await RedisServer.start({ appendOnly: true });
    stop.push(() => server.stop());
    await server.command('SET', 'a', '1');
    await server.restart();
    expect(await server.command('GET', 'a')).toBe('$1\r\n1\r\n');
  });

  it('answers nothing while it is frozen', async () => {
    const server = await RedisServer.start();
    stop.push(() => server.stop());
    server.freeze();
    const answer = server.command('PING');
    await expect(Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 100, 'nothing'))])).resolves.toBe(
      'nothing',
    );
    server.thaw();
    await expect(answer).resolves.toBe('+PONG\r\n');
  });

  it('dies with the process that started it, and its folder goes, even when that process is killed', async () => {
    const child = await Child.start(new URL('./programs/redis-owner.ts', import.meta.url));
    stop.push(() => child.kill());
    const { pid, folder } = await child.message<{ pid: number; folder: string }>({});
    await child.kill();
    await waitFor('the server to be gone', () => !isRunning(pid));
    await waitFor('its folder to be gone', () => !existsSync(folder));
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
