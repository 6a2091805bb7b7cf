import { createHash } from 'node:crypto';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

/** The contents of a package, in three figures. */
export interface Digest {
  /** Hex. Equal for two packages exactly when they have the same files with the same contents. */
  readonly sha512: string;
  readonly files: number;
  readonly bytes: number;
}

/**
 * Takes the SHA-512 over all files of a package, its own `node_modules` left out: those are packages of their own.
 *
 * It is the hash of a list with one line a file, `<sha512>  <path>`, sorted by path, so that it does not depend on
 * the order in which a file system lists things, and `sha512sum` can redo it by hand. A link counts as a file that
 * holds the place it points at; it is not followed.
 *
 * @param signal ends the work between two batches of files.
 */
export async function digestPackage(folder: string, signal?: AbortSignal): Promise<Digest> {
  const list = createHash('sha512');
  const files = await filesOf(folder);
  let bytes = 0;
  for (let start = 0; start < files.length; start += READ_AHEAD) {
    signal?.throwIfAborted();
    const batch = files.slice(start, start + READ_AHEAD);
    const contents = await Promise.all(batch.map((file) => contentsOf(folder, file)));
    batch.forEach(({ path }, index) => {
      const content = contents[index]!;
      list.update(`${createHash('sha512').update(content).digest('hex')}  ${path}\n`);
      bytes += content.length;
    });
  }
  return { sha512: list.digest('hex'), files: files.length, bytes };
}

/** Files that are read at once. Packages are mostly small files, and to wait for each alone takes five times as long. */
const READ_AHEAD = 32;

interface PackageFile {
  /** From the package's folder, with `/` between the parts. */
  readonly path: string;
  readonly isLink: boolean;
}

async function contentsOf(folder: string, { path, isLink }: PackageFile): Promise<Buffer> {
  const file = join(folder, path);
  return isLink ? Buffer.from(await readlink(file)) : readFile(file);
}

async function filesOf(folder: string): Promise<PackageFile[]> {
  const files: PackageFile[] = [];
  const folders = [folder];
  for (const current of folders) {
    for (const entry of await readdir(current, { withFileTypes: true })) {
      const path = join(current, entry.name);
      if (entry.isDirectory()) {
        if (current !== folder || entry.name !== 'node_modules') folders.push(path);
      } else if (entry.isFile() || entry.isSymbolicLink()) {
        files.push({ path: relative(folder, path).split(sep).join('/'), isLink: entry.isSymbolicLink() });
      }
    }
  }
  // By code unit: a locale's order differs from machine to machine.
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}
