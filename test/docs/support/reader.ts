import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './pages.ts';

const run = promisify(execFile);
const TSC = join(ROOT, 'node_modules/@typescript/native/bin/tsc');

/** A reader's project: a folder outside the repository that sees the built packages, and what it takes from a page. */
export class Reader {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** An empty project; {@link remove} deletes it. */
  static async create(): Promise<Reader> {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-reader-'));
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    const reader = new Reader(folder);
    await reader.write('package.json', JSON.stringify({ type: 'module', private: true }));
    const compilerOptions = {
      ...{ rootDir: 'src', outDir: 'dist', typeRoots: ['node_modules/@types'], noUnusedLocals: false },
      ...{ noUnusedParameters: false, sourceMap: false, noImplicitReturns: false },
    };
    const extended = join(ROOT, 'tsconfig.base.json');
    await reader.write('tsconfig.json', JSON.stringify({ extends: extended, compilerOptions, include: ['src'] }));
    return reader;
  }

  async write(path: string, text: string): Promise<void> {
    const file = join(this.folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }

  /** Compiles `src` into `dist`. Returns what the compiler has to say; nothing when all is well. */
  async compile(): Promise<string> {
    const compiling = run(process.execPath, [TSC, '-p', '.', '--pretty', 'false'], { cwd: this.folder });
    return compiling.then(
      ({ stdout }) => stdout,
      (error: Error & { stdout?: string }) => error.stdout || error.message,
    );
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}
