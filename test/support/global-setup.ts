import type { Config } from 'jest';
import { RedisServer } from './redis-server.ts';

/** Starts one Redis for each Jest worker; `MILLRACE_TEST_REDIS_<worker id>` says where. */
export default async function globalSetup({ maxWorkers }: Config & { maxWorkers: number }): Promise<void> {
  const servers = await Promise.all(Array.from({ length: maxWorkers }, () => RedisServer.start()));
  for (const [index, server] of servers.entries()) process.env[`MILLRACE_TEST_REDIS_${index + 1}`] = server.url;
  globalThis.millraceTestServers = servers;
}

declare global {
  var millraceTestServers: RedisServer[] | undefined;
}
