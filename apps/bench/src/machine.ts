import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { PEERS, type PeerName } from './peers/index.js';
import type { Machine } from './result.js';
import { BenchServer } from './server.js';

const GIB = 2 ** 30;

/** This machine, and what runs on it. */
export async function thisMachine(): Promise<Machine> {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / GIB),
    os: `${type()} ${release()}`,
    node: process.versions.node,
    redis: await redisVersion(),
  };
}

async function redisVersion(): Promise<string> {
  const server = await BenchServer.start('off');
  try {
    return await server.version();
  } finally {
    await server.stop();
  }
}

/** The version of a peer's package, or `undefined` where it is not installed. */
export function versionOf(peer: PeerName): string | undefined {
  const name = PEERS[peer].package;
  let folder: string;
  try {
    folder = dirname(fileURLToPath(import.meta.resolve(name)));
  } catch {
    return undefined;
  }
  for (; folder !== dirname(folder); folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (!existsSync(file)) continue;
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as { name?: string; version?: string };
    if (manifest.name === name) return manifest.version;
  }
  return undefined;
}

/** The commit that is measured, with `+` where files differ from it; `unknown` outside a clone. */
export function thisCommit(): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, {
      cwd: import.meta.dirname,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  try {
    return (
      git('rev-parse', '--short=10', 'HEAD') + (git('status', '--porcelain', '--untracked-files=no') === '' ? '' : '+')
    );
  } catch {
    return 'unknown';
  }
}
