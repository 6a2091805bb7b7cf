import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Child } from '../support/child.ts';
import { redisUrl, uniquePrefix } from '../support/redis.ts';
import { waitFor } from '../support/wait-for.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const tsc = join(root, 'node_modules/@typescript/native/bin/tsc');
const programs = join(root, 'test/nest/programs');

/** Compilers are slow on a machine that is busy. */
const TIMEOUT_MS = 30_000;

describe('an application that imports from one package', () => {
  let folder: string;

  beforeEach(async () => {
    // Below the project's packages, so that what is compiled finds them.
    const cache = join(root, 'node_modules/.cache');
    await mkdir(cache, { recursive: true });
    folder = await mkdtemp(join(cache, 'millrace-compilation-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function compile(program: string): Promise<void> {
    const compilerOptions = { rootDir: programs, outDir: folder, composite: false, declaration: false };
    const config = { extends: join(root, 'tsconfig.base.json'), compilerOptions, files: [join(programs, program)] };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
    await run(process.execPath, [tsc, '-p', folder], { cwd: root }).catch((error: Error & { stdout?: string }) => {
      throw new Error(`${program} does not compile:\n${error.stdout ?? error.message}`);
    });
  }

  it(
    'compiles with isolated modules and decorator metadata, and runs [nest:H4]',
    async () => {
      await compile('quick-start.ts');
      const { stdout } = await run(process.execPath, [
        join(folder, 'quick-start.js'),
        redisUrl(),
        uniquePrefix('nest-'),
      ]);
      expect(stdout).toBe('welcome 42 (up)\n3\n');
    },
    TIMEOUT_MS,
  );

  it(
    'runs when swc compiles it, file by file [nest:H4]',
    async () => {
      const child = await Child.start(join(programs, 'quick-start.ts'), { args: [redisUrl(), uniquePrefix('nest-')] });
      const hasEnded = (): boolean => child.output.includes('\n3\n') || !child.alive;
      try {
        await waitFor('both results', hasEnded, { timeoutMs: 20_000 });
      } finally {
        await child.kill();
      }
      expect(child.output).toBe('welcome 42 (up)\n3\n');
    },
    TIMEOUT_MS,
  );

  it(
    'has names, data and results of its jobs checked by the compiler [nest:H5] [nest:M11]',
    async () => {
      await compile('on-job-types.ts');
    },
    TIMEOUT_MS,
  );
});
