import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const libs = fileURLToPath(new URL('../../../libs', import.meta.url));

/** What our libraries need beside Nest and Redis' client. */
const core = JSON.parse(readFileSync(join(libs, 'core/package.json'), 'utf8')) as {
  dependencies: Record<string, string>;
};

const MANIFEST = {
  private: true,
  type: 'module',
  dependencies: {
    '@nestjs/common': '^11.0.0',
    '@nestjs/core': '^11.0.0',
    '@nestjs/microservices': '^11.0.0',
    '@nestjs/platform-express': '^11.0.0',
    ioredis: '^6.0.0',
    'reflect-metadata': '^0.2.0',
    rxjs: '^7.8.0',
    ...core.dependencies,
  },
};

/** A folder with Nest 11 and our built libraries in it: programs that stand there run with both. */
export class Nest11 {
  private constructor(readonly folder: string) {}

  static async install(): Promise<Nest11> {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-nest-11-'));
    await writeFile(join(folder, 'package.json'), JSON.stringify(MANIFEST));
    await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts'], { cwd: folder });
    for (const [library, name] of Object.entries({ core: 'core', nest: 'nestjs' })) {
      const target = join(folder, 'node_modules/@millrace', name);
      await cp(join(libs, library, 'dist'), join(target, 'dist'), { recursive: true });
      await cp(join(libs, library, 'package.json'), join(target, 'package.json'));
    }
    return new Nest11(folder);
  }

  /** Copies a program here; returns its new place. */
  async bring(program: URL): Promise<string> {
    const place = join(this.folder, basename(fileURLToPath(program)));
    await cp(fileURLToPath(program), place);
    return place;
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}
