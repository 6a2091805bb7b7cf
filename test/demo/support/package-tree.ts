import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A file's text, a manifest, or where a link points. */
export type TreeEntry = string | { readonly manifest: object } | { readonly linkTo: string };

/** A folder of packages that a test made up; {@link remove} it afterwards. */
export interface PackageTree {
  readonly root: string;
  /** The text of a file in it. */
  read(path: string): Promise<string>;
  remove(): Promise<void>;
}

/** Writes entries, given by their paths, below a fresh folder. A path with a `manifest` gets a `package.json` in it. */
export async function packageTree(entries: Readonly<Record<string, TreeEntry>>): Promise<PackageTree> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'package-tree-')));
  for (const [path, entry] of Object.entries(entries)) {
    const isManifest = typeof entry === 'object' && 'manifest' in entry;
    const file = isManifest ? join(root, path, 'package.json') : join(root, path);
    await mkdir(dirname(file), { recursive: true });
    if (typeof entry === 'string') await writeFile(file, entry);
    else if ('manifest' in entry) await writeFile(file, JSON.stringify(entry.manifest));
    else await symlink(entry.linkTo, file);
  }
  return {
    root,
    read: (path) => readFile(join(root, path), 'utf8'),
    remove: () => rm(root, { recursive: true, force: true }),
  };
}
