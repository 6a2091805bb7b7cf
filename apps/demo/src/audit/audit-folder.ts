import { realpath, stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';

import { modulesFolder } from './installed-packages.js';

/** A folder that cannot be audited. The message says why and what to do. */
export class FolderError extends Error {
  override readonly name = 'FolderError';
}

/**
 * Checks a folder that somebody asked to have audited, and gives its real path.
 *
 * @throws FolderError unless `input` is the absolute path of a readable folder with a `node_modules` in it.
 */
export async function auditFolder(input: unknown): Promise<string> {
  if (typeof input !== 'string' || input.trim() === '') {
    throw new FolderError('Say which folder to audit: { "folder": "/path/to/a/project" }.');
  }
  const path = input.trim();
  if (!isAbsolute(path)) throw new FolderError(`"${path}" is a relative path: give the whole one.`);
  if (!(await isFolder(path))) throw new FolderError(`${path} is a file: give the folder that it is in.`);
  if (!(await isFolder(modulesFolder(path)))) throw new FolderError(nothingInstalled(path));
  return realpath(path);
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw new FolderError(`${path} cannot be read: ${message}.`);
    if (path.endsWith('node_modules')) throw new FolderError(nothingInstalled(path.slice(0, -'/node_modules'.length)));
    throw new FolderError(`There is no folder ${path}.`);
  }
}

function nothingInstalled(path: string): string {
  return `${path} has no node_modules folder: install its dependencies, or give the folder of another project.`;
}
