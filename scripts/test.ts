/**
 * Runs the tests on what `npm run build` made, with a Redis server at hand. Without arguments it runs them all, keeps
 * the result for `npm run trace`, and ends with the line "N passed, N failed, N skipped"; arguments go to Jest.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { JEST_REPORT, keepTestRun } from './project/test-run.js';
import { ROOT, treeDigest } from './project/tree.js';

/** A run that takes longer hangs. */
const LIMIT_MS = 30 * 60_000;

const args = process.argv.slice(2);
process.exitCode = args.length > 0 ? jest(args) : runAll();

function runAll(): number {
  const tree = treeDigest();
  mkdirSync(dirname(JEST_REPORT), { recursive: true });
  rmSync(JEST_REPORT, { force: true });
  const status = jest(['--json', `--outputFile=${JEST_REPORT}`]);
  const { passed, failed, skipped } = keepTestRun(tree);
  console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
  return status;
}

function jest(jestArgs: readonly string[]): number {
  const node = ['--experimental-vm-modules', '--no-warnings', `${ROOT}node_modules/jest/bin/jest.js`];
  // Jest's JSON goes to its file; standard output would only repeat it.
  const { status, signal } = spawnSync(process.execPath, [...node, ...jestArgs], {
    cwd: ROOT,
    stdio: ['ignore', jestArgs.includes('--json') ? 'ignore' : 'inherit', 'inherit'],
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  if (signal !== null) console.error(`Jest was ended by ${signal} (a run may take ${LIMIT_MS / 60_000} minutes).`);
  return status ?? 1;
}
