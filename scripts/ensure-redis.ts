/**
 * Makes sure that a Redis server can be started here: one on the PATH, else Debian's package, else the build of
 * redis-memory-server, else one sentence that says what to install.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { builtRedisServer, redisServerOnPath } from './find-redis.js';

const POLICY = '/usr/sbin/policy-rc.d';

/** Installs Debian's redis-server where this user may, without starting its service. False where it did not work. */
function installFromDebian(): boolean {
  if (process.getuid?.() !== 0 || spawnSync('apt-get', ['--version']).status !== 0) return false;
  console.log('No redis-server on the PATH: installing the package redis-server with apt-get.');
  // Debian asks this file before it starts a service; 101 means "do not".
  const ownPolicy = !existsSync(POLICY);
  if (ownPolicy) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    return aptGet('update') && aptGet('install', '--yes', '--no-install-recommends', 'redis-server');
  } finally {
    if (ownPolicy) rmSync(POLICY, { force: true });
  }
}

function aptGet(...args: string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return (
    spawnSync('apt-get', ['-qq', '-o', 'Dpkg::Use-Pty=0', ...args], { stdio: ['ignore', 'inherit', 'inherit'], env })
      .status === 0
  );
}

async function isThere(): Promise<boolean> {
  if (await redisServerOnPath()) return true;
  if (installFromDebian() && (await redisServerOnPath())) return true;
  console.log('No redis-server on the PATH: building one with redis-memory-server, which takes a few minutes.');
  return builtRedisServer().then(Boolean, () => false);
}

if (!(await isThere())) {
  console.error('Millrace needs a Redis server: install redis-server (7.0 or newer) or valkey-server and try again.');
  process.exit(1);
}
