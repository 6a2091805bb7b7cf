import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { output, run } from './run.js';

/** The program of the package is the server under another name: it looks at the name by which it was called. */
const PROGRAM = { redis: 'redis-check-rdb', valkey: 'valkey-check-rdb' } as const;

/**
 * Gets a Redis or Valkey of another suite of Debian than this machine's, with the libraries of that suite, into a
 * folder, and installs nothing. Gives the folder to put before the PATH: it has a `redis-server`.
 *
 * @param wanted `redis/sid`, `valkey/trixie`
 */
export function debianServer(wanted: string, folder: string): string {
  const [product = '', suite = ''] = wanted.split('/');
  const env = aptFor(suite, folder);
  const packages = [`${product}-tools`, 'patchelf'];
  for (const name of packages) {
    for (const library of librariesOf(name, folder, env)) if (!packages.includes(library)) packages.push(library);
  }
  const unpacked = join(folder, 'root');
  run('apt-get', ['-qq', 'download', ...packages], { cwd: folder, env });
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.deb'))) {
    run('dpkg-deb', ['-x', file, unpacked], { cwd: folder });
  }
  return launcher(unpacked, product as keyof typeof PROGRAM, folder);
}

/** An apt with lists and a cache of its own, which knows that suite alone. */
function aptFor(suite: string, folder: string): NodeJS.ProcessEnv {
  for (const part of ['lists/partial', 'cache/archives/partial', 'parts'])
    mkdirSync(join(folder, part), { recursive: true });
  writeFileSync(join(folder, 'sources.list'), `deb ${archive()} ${suite} main\n`);
  writeFileSync(join(folder, 'status'), '');
  const settings = {
    'Dir::Etc::sourcelist': join(folder, 'sources.list'),
    'Dir::Etc::sourceparts': join(folder, 'parts'),
    'Dir::State::lists': join(folder, 'lists'),
    'Dir::State::status': join(folder, 'status'),
    'Dir::Cache': join(folder, 'cache'),
    'APT::Sandbox::User': process.env['USER'] ?? 'root',
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} "${value}";`);
  writeFileSync(join(folder, 'apt.conf'), lines.join('\n'));
  const env = { ...process.env, APT_CONFIG: join(folder, 'apt.conf') };
  run('apt-get', ['-qq', 'update'], { cwd: folder, env });
  return env;
}

/** Where this machine gets Debian's packages from. */
function archive(): string {
  const codename = /^VERSION_CODENAME=(.*)$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
  const format = '$(RELEASE) $(COMPONENT) $(REPO_URI)';
  const targets = output('apt-get', ['indextargets', '--format', format], { cwd: '/' }).split('\n');
  const uri = targets.find((line) => line.startsWith(`${codename} main `))?.split(' ')[2];
  if (uri === undefined) throw new Error("apt does not say where this machine's suite of Debian comes from");
  return uri;
}

function librariesOf(name: string, folder: string, env: NodeJS.ProcessEnv): string[] {
  const depends = output('apt-cache', ['depends', '--important', name], { cwd: folder, env });
  return [...depends.matchAll(/^ +(?:Pre)?Depends: (lib\S+)$/gm)].map(([, library = '']) => library);
}

/** Makes the server look for the libraries of its own suite, so that it is a program like any other. */
function launcher(root: string, product: keyof typeof PROGRAM, folder: string): string {
  const libraries = join(root, 'usr/lib', process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu');
  const name = readdirSync(libraries).find((file) => /^ld-linux.*\.so\.\d$/.test(file));
  if (name === undefined) throw new Error('the packages hold no loader');
  const loader = join(libraries, name);
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const server = join(bin, 'redis-server');
  copyFileSync(join(root, 'usr/bin', PROGRAM[product]), server);
  const patchelf = ['--library-path', libraries, join(root, 'usr/bin/patchelf')];
  run(loader, [...patchelf, '--set-interpreter', loader, '--force-rpath', '--set-rpath', libraries, server], {
    cwd: folder,
  });
  return bin;
}
