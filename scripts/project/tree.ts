import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Absolute path of the repository. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Every file of the project as it is now, ignored ones left out, sorted; paths are relative to {@link ROOT}. */
export function projectFiles(): string[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  // A file that was deleted and not yet committed is still listed.
  return [...new Set(listed.split('\0'))].filter((path) => path !== '' && existsSync(ROOT + path)).sort();
}

/** A digest of every project file: two trees with one digest have the same content. */
export function treeDigest(): string {
  const digest = createHash('sha256');
  for (const path of projectFiles())
    digest
      .update(`${path}\0`)
      .update(readFileSync(ROOT + path))
      .update('\0');
  return digest.digest('hex');
}
