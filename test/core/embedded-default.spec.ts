import { mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findRedisServer } from '../../scripts/find-redis.ts';
import { Child } from '../support/child.ts';
import { redisUrl } from '../support/redis.ts';

interface Report {
  readonly type: 'connected' | 'refused';
  readonly code: string;
  readonly message: string;
  readonly warnings: readonly string[];
  readonly description: string;
}

/** A process in which nothing is configured. */
const NOTHING = { REDIS_URL: '', NODE_ENV: '', KUBERNETES_SERVICE_HOST: '' };

/** Makes Node behave as if redis-memory-server was not installed. */
const WITHOUT_LIBRARY = `data:text/javascript,import { register } from 'node:module';
register('data:text/javascript,' + encodeURIComponent(\`export function resolve(name, context, next) {
  if (name === 'redis-memory-server') throw new Error('not installed');
  return next(name, context);
}\`));`;

describe('a process that was not told where Redis is', () => {
  let folder: string;
  let child: Child | undefined;

  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'millrace-default-')));
  });

  afterEach(async () => {
    await child?.kill();
    await rm(folder, { recursive: true, force: true, maxRetries: 20 });
  });

  async function report(
    type: Report['type'],
    env: Record<string, string>,
    execArgv: readonly string[] = [],
  ): Promise<Report> {
    child = await Child.start(new URL('./programs/embedded.ts', import.meta.url), {
      env: { ...NOTHING, MILLRACE_EMBEDDED_DIR: folder, ...env },
      execArgv,
    });
    return child.message<Report>({ type });
  }

  it.each(['', 'development', 'test'])(
    'gets an embedded one, and a warning with its path (NODE_ENV "%s") [nest:M12]',
    async (mode) => {
      const { warnings, description } = await report('connected', { NODE_ENV: mode });
      expect(description).toBe(join(folder, 'redis.sock'));
      expect(warnings).toEqual([
        `Neither a connection nor REDIS_URL is set: using an embedded Redis for development, which keeps its data in ${folder}.`,
      ]);
    },
  );

  it('takes REDIS_URL when that is set [seed:R8]', async () => {
    const { warnings, description } = await report('connected', { REDIS_URL: redisUrl(), NODE_ENV: 'production' });
    expect(description).toBe(redisUrl());
    expect(warnings).toEqual([]);
  });

  it.each([
    ['NODE_ENV=production', { NODE_ENV: 'production' }],
    ['NODE_ENV=staging', { NODE_ENV: 'staging' }],
    ['This process runs in Kubernetes', { KUBERNETES_SERVICE_HOST: '10.0.0.1' }],
  ])('is refused where it may be deployed: %s [nest:M12]', async (circumstance, env) => {
    const { code, message } = await report('refused', env);
    expect(code).toBe('NO_CONNECTION');
    expect(message).toContain(`${circumstance} and neither connect(input) nor REDIS_URL is set.`);
  });

  it('hears what to install where there is no server', async () => {
    const { code, message } = await report('refused', { PATH: '' }, ['--import', WITHOUT_LIBRARY]);
    expect(code).toBe('NO_EMBEDDED');
    expect(message).toBe(
      'No embedded Redis could be started: there is no redis-server and no valkey-server on the PATH. Install ' +
        'redis-server or valkey-server (Debian: apt-get install redis-server), or set the connection option or REDIS_URL.',
    );
  });

  it('gets the server that redis-memory-server has where none is on the PATH', async () => {
    const bin = join(folder, 'bin');
    await mkdir(bin);
    await symlink('/usr/bin/mkfifo', join(bin, 'mkfifo'));
    const env = { PATH: bin, REDISMS_SYSTEM_BINARY: await findRedisServer() };
    const { warnings } = await report('connected', env);
    expect(warnings[0]).toMatch(/redis-memory-server provides one/);
  });
});
