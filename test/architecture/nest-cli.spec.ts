import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));

let folder: string;

// Its own output folder, as other tests run what the build made; inside the project, where the packages are found.
beforeEach(async () => {
  await mkdir(join(root, '.cache'), { recursive: true });
  folder = await mkdtemp(join(root, '.cache/nest-cli-'));
  const compilerOptions = { outDir: './dist', tsBuildInfoFile: './dist/.tsbuildinfo' };
  const tsconfig = { extends: '../../apps/demo/tsconfig.json', compilerOptions, include: ['../../apps/demo/src'] };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

it('nest start builds the demo in the monorepo and runs it, arguments included', async () => {
  const nest = join(root, 'node_modules/@nestjs/cli/bin/nest.js');
  const config = relative(root, join(folder, 'tsconfig.json'));
  const args = [nest, 'start', 'demo', '--path', config, '--', '--once', '/no/such/folder'];
  const { stderr } = await run(process.execPath, args, { cwd: root }).catch((error: { stderr: string }) => error);
  expect(stderr).toContain('There is no folder /no/such/folder.');
}, 60_000);
