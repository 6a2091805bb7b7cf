/**
 * Runs the tests with other versions of Node, ioredis, NestJS and the server than the repository has, in a copy of the
 * tree, and ends with what ran and the line "N passed, N failed, N skipped".
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { readArguments, USAGE, UsageError, type MatrixArguments } from './matrix/arguments.js';
import { debianServer } from './matrix/debian-server.js';
import { output, run, status } from './matrix/run.js';
import { copyTree, install, installedVersion } from './matrix/tree-copy.js';

/** A run that takes longer hangs; on a busy machine the whole suite takes a multiple of what it does alone. */
const LIMIT_MS = 60 * 60_000;

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numRuntimeErrorTestSuites: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
  }[];
}

process.exitCode = main();

function main(): number {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-matrix-'));
  try {
    const asked = readArguments(process.argv.slice(2));
    const code = tryOut(asked, folder);
    if (asked.keep) console.log(`The copy is in ${folder}.`);
    else rmSync(folder, { recursive: true, force: true });
    return code;
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\n${USAGE}`);
    return 2;
  }
}

function tryOut(asked: MatrixArguments, folder: string): number {
  const tree = join(folder, 'tree');
  mkdirSync(tree);
  copyTree(tree);
  const path = [...nodeFolder(asked.node, folder), ...serverFolder(asked.server, folder), process.env['PATH'] ?? ''];
  const env = { ...process.env, PATH: path.join(delimiter) };
  install(tree, asked, env);
  const what = describe(tree, env);
  console.log(`Testing ${what}`);
  run('npm', ['run', '--silent', 'build'], { cwd: tree, env });
  run('npm', ['run', '--silent', 'redis:ensure'], { cwd: tree, env });
  const reportFile = join(folder, 'report.json');
  const jest = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js'];
  const args = [...jest, '--json', `--outputFile=${reportFile}`, ...asked.only];
  const code = status('node', args, { cwd: tree, env: { ...env, NODE_OPTIONS: '' }, timeoutMs: LIMIT_MS });
  report(JSON.parse(readFileSync(reportFile, 'utf8')) as Report, what, tree);
  return code;
}

/** A folder to put before the PATH, with the Node that was asked for. */
function nodeFolder(version: string | undefined, folder: string): string[] {
  if (version === undefined) return [];
  const prefix = join(folder, 'node');
  mkdirSync(prefix);
  run('npm', ['install', '--prefix', prefix, `node@${version}`], { cwd: prefix });
  return [join(prefix, 'node_modules/node/bin')];
}

/** A folder to put before the PATH, with the server that was asked for as `redis-server`. */
function serverFolder(server: string | undefined, folder: string): string[] {
  if (server === undefined) return [];
  const prefix = join(folder, 'server');
  mkdirSync(prefix);
  if (!server.startsWith('/')) return [debianServer(server, prefix)];
  symlinkSync(server, join(prefix, 'redis-server'));
  return [prefix];
}

function describe(tree: string, env: NodeJS.ProcessEnv): string {
  const node = output('node', ['--version'], { cwd: tree, env }).trim();
  const server = output('redis-server', ['--version'], { cwd: tree, env });
  const [, product = '', version = ''] = /^(\w+) server v=(\S+)/.exec(server) ?? [];
  const nest = installedVersion(tree, '@nestjs/core');
  return `Node ${node.slice(1)}, ioredis ${installedVersion(tree, 'ioredis')}, NestJS ${nest}, ${product} ${version}`;
}

function report(result: Report, what: string, tree: string): void {
  for (const { name, message } of result.testResults.filter((file) => file.status === 'failed')) {
    console.log(`\nFAILED ${name.slice(tree.length + 1)}\n${message}`);
  }
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  console.log(`\n${what}`);
  console.log(`${result.numPassedTests} passed, ${failed} failed, ${result.numPendingTests} skipped`);
}
