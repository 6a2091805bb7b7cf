/** Runs every check that CI runs, all of them even when one fails, and says which failed. */
import { spawnSync } from 'node:child_process';
import { ROOT } from './project/tree.js';

const STEPS = ['format:check', 'typecheck', 'lint', 'lua:check', 'imports:check', 'sources:check', 'trace:check'];

const failed = STEPS.filter((step) => {
  const began = performance.now();
  const { status } = spawnSync('npm', ['run', '--silent', step], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${step} (${seconds} s)`);
  return status !== 0;
});

if (failed.length > 0) {
  console.error(`Failed: ${failed.join(', ')}.`);
  process.exitCode = 1;
}
