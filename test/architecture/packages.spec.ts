import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { redisUrl, uniquePrefix } from '../support/redis.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const application = fileURLToPath(new URL('./application', import.meta.url));
const tsc = join(root, 'node_modules/@typescript/native/bin/tsc');
const tsc6 = join(root, 'node_modules/typescript/bin/tsc6');

interface Packed {
  readonly name: string;
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

const VERSIONS = [
  { nest: 12, ioredis: 6 },
  { nest: 11, ioredis: 5 },
] as const;

let folder: string;
let packed: Packed[];
/** By the version of Nest; both are installed at the same time. */
let applications: ReadonlyMap<number, Promise<string>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-packages-'));
  // What an earlier build left behind is not to be published.
  await writeFile(join(root, 'libs/core/dist/left-behind.js'), '');
  // The first builds them all.
  packed = [...(await pack(['core'])), ...(await pack(['nest', 'testing', 'cli'], '--ignore-scripts'))];
  packed.sort((a, b) => a.name.localeCompare(b.name));
  applications = new Map(VERSIONS.map((versions) => [versions.nest, install(versions)]));
  // One that fails is told of by its own test.
  for (const installed of applications.values()) installed.catch(() => undefined);
}, 60_000);

afterAll(async () => {
  await Promise.allSettled(applications.values());
  await rm(folder, { recursive: true, force: true });
});

describe('the packed libraries', () => {
  it('hold the build, its types and the licence, no test, and nothing of earlier builds', () => {
    expect(packed.map(({ name }) => name)).toEqual([
      '@millrace/cli',
      '@millrace/core',
      '@millrace/nestjs',
      '@millrace/testing',
    ]);
    for (const { files } of packed) {
      const paths = files.map(({ path }) => path);
      expect(paths).toEqual(expect.arrayContaining(['package.json', 'LICENSE', 'dist/index.js', 'dist/index.d.ts']));
      expect(
        paths.filter((path) => !/^(dist\/.*\.(js|d\.ts|js\.map)|package\.json|LICENSE|README\.md)$/.test(path)),
      ).toEqual([]);
      expect(paths.filter((path) => path.includes('.spec.') || path.includes('left-behind'))).toEqual([]);
    }
  });

  it.each([
    { library: 'core', file: 'queue/queue.d.ts', name: 'Queue' },
    { library: 'nest', file: 'jobs.module.d.ts', name: 'JobsModule' },
    { library: 'testing', file: 'jobs-testing.d.ts', name: 'JobsTesting' },
  ])('keep doc comments in the types: $name has one', async ({ library, file, name }) => {
    const types = await readFile(join(root, 'libs', library, 'dist', file), 'utf8');
    expect(types).toMatch(new RegExp(`\\*/\\nexport declare class ${name}\\b`));
  });

  it.each(VERSIONS)(
    'install into an empty NestJS $nest application with ioredis $ioredis, compile there and run a job',
    async ({ nest }) => {
      const app = await applications.get(nest)!;
      await run(process.execPath, [tsc, '-p', '.'], { cwd: app }).catch(rethrowOutput);
      const env = { ...process.env, APP_REDIS_URL: redisUrl(), APP_PREFIX: uniquePrefix() };
      const { stdout } = await run(process.execPath, ['dist/main.js'], { cwd: app, env }).catch(rethrowOutput);
      expect(stdout).toBe('Hello, Ada!\n');
      if (nest === 11) await compileWithoutExports(app);
    },
    120_000,
  );
});

async function pack(libraries: readonly string[], ...options: readonly string[]): Promise<Packed[]> {
  const named = libraries.flatMap((library) => ['--workspace', `libs/${library}`]);
  const args = ['pack', '--json', '--pack-destination', folder, ...options, ...named];
  const { stdout } = await run('npm', args, { cwd: root });
  // npm 11 lists what it packed, later ones key it by name.
  return Object.values(JSON.parse(stdout) as Packed[] | Record<string, Packed>);
}

async function install(versions: { nest: number; ioredis: number }): Promise<string> {
  const app = join(folder, `nest-${versions.nest}`);
  await writeApplication(app, versions);
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline'], { cwd: app });
  return app;
}

async function writeApplication(app: string, versions: { nest: number; ioredis: number }): Promise<void> {
  await mkdir(app, { recursive: true });
  await cp(application, app, { recursive: true });
  const libraries = Object.fromEntries(packed.map(({ name, filename }) => [name, `file:../${filename}`]));
  const manifest = {
    name: 'empty-application',
    private: true,
    type: 'module',
    dependencies: {
      ...libraries,
      '@nestjs/common': `^${versions.nest}.0.0`,
      '@nestjs/core': `^${versions.nest}.0.0`,
      '@nestjs/testing': `^${versions.nest}.0.0`,
      ioredis: `^${versions.ioredis}.0.0`,
      'reflect-metadata': '^0.2.0',
      rxjs: '^7.8.0',
    },
    devDependencies: { '@types/node': '^20.19.0' },
  };
  await writeFile(join(app, 'package.json'), JSON.stringify(manifest));
  const compilerOptions = {
    ...{ target: 'ES2023', module: 'nodenext', strict: true, outDir: 'dist', rootDir: 'src', types: ['node'] },
    ...{ experimentalDecorators: true, emitDecoratorMetadata: true, isolatedModules: true, skipLibCheck: false },
  };
  await writeFile(join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['src'] }));
}

/** As projects do that are set up for CommonJS and an old resolution, which does not read `exports`: types resolve there, too. */
async function compileWithoutExports(app: string): Promise<void> {
  await writeFile(join(app, 'old.ts'), "export { JobsModule } from '@millrace/nestjs';\n");
  const resolution = ['--module', 'commonjs', '--moduleResolution', 'node10', '--ignoreDeprecations', '6.0'];
  const others = ['--ignoreConfig', '--noEmit', '--target', 'es2023', '--esModuleInterop', '--types', 'node', 'old.ts'];
  await run(process.execPath, [tsc6, ...resolution, ...others], { cwd: app }).catch(rethrowOutput);
}

/** The compiler and the application say on standard output what is wrong; a failed command's message does not. */
function rethrowOutput(error: Error & { stdout?: string; stderr?: string }): never {
  throw new Error(`${error.message}\n${error.stdout ?? ''}${error.stderr ?? ''}`);
}
