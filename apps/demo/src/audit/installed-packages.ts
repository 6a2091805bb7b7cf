import { createHash } from 'node:crypto';
import { access, readdir, realpath } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';

/** A package on disk. Nothing of it has been read yet. */
export interface InstalledPackage {
  /** Names the package within one audit: the same location always has the same key. */
  readonly key: string;
  /** Where it lies, from the audited folder, with `/` between the parts. */
  readonly location: string;
}

/** What is installed in a folder. */
export interface InstalledPackages {
  /** Sorted by location. */
  readonly packages: readonly InstalledPackage[];
  /** Packages that are linked from the project's own source: somebody's work, not a dependency. Sorted. */
  readonly workspaces: readonly string[];
}

/** The folder that holds the packages of `folder`: itself, or the `node_modules` in it. */
export function modulesFolder(folder: string): string {
  return basename(folder) === 'node_modules' ? folder : join(folder, 'node_modules');
}

/**
 * Finds every package installed under a folder's `node_modules`: plain, scoped, nested in another package, or in the
 * `node_modules` of a linked workspace. Links are followed to where they lead, so a package counts once however many
 * links point at it, and a ring of links ends.
 */
export async function findInstalledPackages(folder: string): Promise<InstalledPackages> {
  const root = await realpath(folder);
  const packages = new Set<string>();
  const workspaces = new Set<string>();
  const toSearch = new Set([modulesFolder(root)]);

  // A set gives back what is added while it is walked, and each folder only once.
  for (const modules of toSearch) {
    for (const path of await packagesIn(modules)) {
      const home = homeOf(path);
      (home === undefined ? workspaces : packages).add(path);
      toSearch.add(join(path, 'node_modules'));
      if (home !== undefined && IN_STORE.test(home)) toSearch.add(home);
    }
  }
  return {
    packages: locationsOf(packages, root).map((location) => ({ key: keyOf(location), location })),
    workspaces: locationsOf(workspaces, root),
  };
}

/** pnpm and npm's linked layout keep packages in a hidden store, each beside links to what it depends on. */
const IN_STORE = /[/\\]node_modules[/\\]\.[^/\\]+[/\\].*node_modules$/;

async function packagesIn(modules: string): Promise<string[]> {
  const packages: string[] = [];
  for (const entry of await entriesOf(modules)) {
    const members = entry.startsWith('@')
      ? (await entriesOf(join(modules, entry))).map((name) => join(entry, name))
      : [entry];
    for (const member of members) {
      const path = await packageAt(join(modules, member));
      if (path !== undefined) packages.push(path);
    }
  }
  return packages;
}

/** Names in a folder, without the hidden ones (`.bin`, `.cache`, stores); none when there is no such folder. */
async function entriesOf(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => !name.startsWith('.'));
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}

/** The real place of the package at `path`; nothing when there is no manifest there or the link leads nowhere. */
async function packageAt(path: string): Promise<string | undefined> {
  try {
    const real = await realpath(path);
    await access(join(real, 'package.json'));
    return real;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/** The `node_modules` folder that a package was installed into; nothing for a workspace. */
function homeOf(path: string): string | undefined {
  const parent = dirname(path);
  const home = basename(parent).startsWith('@') ? dirname(parent) : parent;
  return basename(home) === 'node_modules' ? home : undefined;
}

function locationsOf(paths: Iterable<string>, root: string): string[] {
  return Array.from(paths, (path) => relative(root, path).split(sep).join('/')).sort();
}

function keyOf(location: string): string {
  return createHash('sha256').update(location).digest('hex').slice(0, 16);
}

function isAbsent(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
