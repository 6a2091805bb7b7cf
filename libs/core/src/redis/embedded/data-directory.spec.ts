import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { defaultDirectory } from './data-directory.js';

describe('the directory of the embedded server', () => {
  let root: string;
  let app: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'millrace-dir-'));
    app = join(root, 'apps', 'api', 'src');
    await mkdir(app, { recursive: true });
    await writeFile(join(root, 'apps', 'api', 'package.json'), '{}');
  });

  afterEach(() => rm(root, { recursive: true }));

  it('is that of the workspace, so that its applications share it', async () => {
    await writeFile(join(root, 'pnpm-lock.yaml'), '');
    expect(defaultDirectory({}, app)).toBe(join(root, 'node_modules', '.cache', 'millrace'));
  });

  it('is that of the package where there is no workspace', () => {
    expect(defaultDirectory({}, app)).toBe(join(root, 'apps', 'api', 'node_modules', '.cache', 'millrace'));
  });

  it('is another one for tests', () => {
    expect(defaultDirectory({ NODE_ENV: 'test' }, app)).toMatch(/millrace-test$/);
  });

  it('is what MILLRACE_EMBEDDED_DIR says, from the working directory', () => {
    expect(defaultDirectory({ MILLRACE_EMBEDDED_DIR: '../data' }, app)).toBe(join(root, 'apps', 'api', 'data'));
  });
});
