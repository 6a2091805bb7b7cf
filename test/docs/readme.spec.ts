import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { blocksOf, readPage } from './support/pages.ts';
import { Reader } from './support/reader.ts';

const run = promisify(execFile);

describe('the example of the README', () => {
  const [example] = blocksOf('README.md').filter(({ language }) => language === 'ts');
  const code = example?.code ?? '';
  let reader: Reader;

  beforeEach(async () => {
    reader = await Reader.create();
  });
  afterEach(() => reader.remove());

  it('compiles, runs its job and prints what it says that it prints', async () => {
    const said = [...code.matchAll(/console\.log\(.*\); \/\/ (.+)$/gm)].map(([, line]) => line);
    expect(said).toHaveLength(1);
    await reader.write('src/example.ts', code);
    expect(await reader.compile()).toBe('');
    // A Redis of its own, in the reader's folder: the example asks for an embedded one.
    const env = { ...process.env, NO_COLOR: '1', MILLRACE_EMBEDDED_DIR: join(reader.folder, 'redis') };
    const { stdout, stderr } = await run(process.execPath, ['dist/example.js'], { cwd: reader.folder, env });
    expect(stdout.split('\n')).toEqual(expect.arrayContaining(said));
    expect(stdout + stderr).not.toMatch(/ERROR|Error/);
  }, 30_000);

  it('fits on a screen', () => {
    expect(code.trimEnd().split('\n').length).toBeLessThanOrEqual(27);
  });

  it('is the only one, on a page of 150 lines at most', () => {
    expect(blocksOf('README.md').filter(({ language }) => language === 'ts')).toHaveLength(1);
    expect(readPage('README.md').split('\n').length - 1).toBeLessThanOrEqual(150);
  });
});
