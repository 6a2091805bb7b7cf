import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Reads a history while it is being written: each line once. */
export class Tail<L> {
  readonly #offsets = new Map<string, number>();

  constructor(private readonly folder: string) {}

  /** What was written since the last time; lines of one process are in their order. */
  async read(): Promise<L[]> {
    const found: L[] = [];
    for (const name of await readdir(this.folder)) found.push(...(await this.#readFile(name)));
    return found;
  }

  async #readFile(name: string): Promise<L[]> {
    const file = await open(join(this.folder, name));
    try {
      const from = this.#offsets.get(name) ?? 0;
      const { size } = await file.stat();
      if (size === from) return [];
      const { buffer } = await file.read({ buffer: Buffer.alloc(size - from), position: from });
      // What comes after the last end of a line is still being written.
      const end = buffer.lastIndexOf('\n') + 1;
      this.#offsets.set(name, from + end);
      const lines = buffer.toString('utf8', 0, end).split('\n').slice(0, -1);
      return lines.map((line) => JSON.parse(line) as L);
    } finally {
      await file.close();
    }
  }
}
