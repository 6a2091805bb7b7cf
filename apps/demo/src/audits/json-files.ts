import { randomUUID } from 'node:crypto';
import { link, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, parse } from 'node:path';

/**
 * JSON values in the files of a folder, named by paths without `.json`. A file appears whole or not at all, however the
 * process that writes it ends.
 */
export class JsonFiles {
  constructor(private readonly folder: string) {}

  /** Writes a value; one that was there is replaced. */
  async write(path: string, value: unknown): Promise<void> {
    const draft = await this.draft(path, value);
    await rename(draft, this.file(path));
  }

  /** Writes a value unless there is one; then the older one stays. */
  async writeOnce(path: string, value: unknown): Promise<void> {
    const draft = await this.draft(path, value);
    try {
      await link(draft, this.file(path));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      await rm(draft);
    }
  }

  /** The value, or nothing when there is none. The caller says what it wrote there. */
  async read<T>(path: string): Promise<T | undefined> {
    const text = await orAbsent(readFile(this.file(path), 'utf8'));
    return text === undefined ? undefined : (JSON.parse(text) as T);
  }

  /** The names of the values, or of the folders, right below a path. */
  async names(path = ''): Promise<string[]> {
    const entries = (await orAbsent(readdir(join(this.folder, path)))) ?? [];
    return entries.filter((entry) => !entry.endsWith(DRAFT)).map((entry) => parse(entry).name);
  }

  /** Removes all values below a path. */
  async removeBelow(path: string): Promise<void> {
    await rm(join(this.folder, path), { recursive: true, force: true });
  }

  private async draft(path: string, value: unknown): Promise<string> {
    const draft = join(this.folder, dirname(path), `${randomUUID()}${DRAFT}`);
    await mkdir(dirname(draft), { recursive: true });
    await writeFile(draft, JSON.stringify(value));
    return draft;
  }

  private file(path: string): string {
    return join(this.folder, `${path}.json`);
  }
}

const DRAFT = '.draft';

async function orAbsent<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
