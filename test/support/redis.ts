import { randomBytes } from 'node:crypto';

export { RedisServer, type RedisServerOptions } from './redis-server.ts';

/** Every prefix of a test begins with this; what a test file leaves under it is removed, anything else is a leak. */
export const TEST_PREFIX = 'test-';

/** URL of the run's own Redis. Each Jest worker has one, so the files that share it run one after the other. */
export function redisUrl(): string {
  const url = process.env[`MILLRACE_TEST_REDIS_${process.env['JEST_WORKER_ID'] ?? '1'}`];
  if (url === undefined) throw new Error('the tests run through Jest, whose global setup starts Redis');
  return url;
}

/** A key prefix that no other test has. What is stored under it is removed after the test file. */
export function uniquePrefix(label = ''): string {
  return `${TEST_PREFIX}${label}${randomBytes(5).toString('hex')}`;
}
