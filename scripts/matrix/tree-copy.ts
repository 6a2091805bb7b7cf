import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFiles, ROOT } from '../project/tree.js';
import { run } from './run.js';

/** The packages of NestJS whose major version is not that of NestJS: the major version of each for one of NestJS. */
const OTHER_MAJORS: Readonly<Record<string, Readonly<Record<string, string>>>> = { '@nestjs/config': { '11': '4' } };

/** Packages whose first releases of a major version do not go with what the repository has besides: the newest of it will do. */
const FREE_WITHIN_MAJOR = new Set(['@nestjs/cli', '@nestjs/bullmq']);

/** Which of the packages that the repository uses are to be another version. */
export interface AskedVersions {
  readonly ioredis: string | undefined;
  readonly nest: string | undefined;
}

interface Manifest {
  readonly workspaces?: readonly string[];
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
}

/** Copies the tree as it is now, what is not committed included. The copy is a repository, as tests ask git for files. */
export function copyTree(folder: string): void {
  for (const path of projectFiles()) cpSync(ROOT + path, join(folder, path), { recursive: true });
  run('git', ['init', '-q'], { cwd: folder });
  run('git', ['add', '-A'], { cwd: folder });
}

/** Installs what the lock file says, and the asked versions in place of what it says of them. */
export function install(folder: string, asked: AskedVersions, env: NodeJS.ProcessEnv): void {
  const { workspaces = [] } = manifest(join(folder, 'package.json'));
  for (const path of ['', ...workspaces]) ask(join(folder, path, 'package.json'), asked);
  unlock(join(folder, 'package-lock.json'), asked);
  // Building is a step of its own: what `prepare` prints would be taken for a failure to install.
  run('npm', ['install', '--ignore-scripts', '--prefer-offline'], { cwd: folder, env });
}

/** The version that is installed. */
export function installedVersion(folder: string, name: string): string {
  return (JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8')) as { version: string })
    .version;
}

function ask(path: string, asked: AskedVersions): void {
  const content = manifest(path);
  for (const dependencies of [content.dependencies, content.devDependencies]) {
    for (const name of Object.keys(dependencies ?? {})) {
      const version = versionOf(name, asked);
      if (dependencies !== undefined && version !== undefined) dependencies[name] = version;
    }
  }
  writeFileSync(path, `${JSON.stringify(content, null, 2)}\n`);
}

/** What is asked for is looked up anew; npm would hold on to what the lock file says of one package for another's sake. */
function unlock(path: string, asked: AskedVersions): void {
  const lock = JSON.parse(readFileSync(path, 'utf8')) as { packages: Record<string, unknown> };
  for (const place of Object.keys(lock.packages)) {
    const name = place.split('node_modules/').at(-1) ?? '';
    if (versionOf(name, asked) !== undefined) delete lock.packages[place];
  }
  writeFileSync(path, JSON.stringify(lock));
}

function versionOf(name: string, { ioredis, nest }: AskedVersions): string | undefined {
  if (name === 'ioredis') return ioredis;
  if (!name.startsWith('@nestjs/') || nest === undefined) return undefined;
  const [major = nest] = nest.split('.', 1);
  return OTHER_MAJORS[name]?.[major] ?? (FREE_WITHIN_MAJOR.has(name) ? major : nest);
}

function manifest(path: string): Manifest {
  return JSON.parse(readFileSync(path, 'utf8')) as Manifest;
}
