import { appendFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One line of a history: what a process did to a job. */
export interface Line {
  /** By the machine's clock, which all processes of a test share; ms since 1970. */
  readonly at: number;
  readonly pid: number;
  readonly op: 'start' | 'end' | 'abort' | 'success' | 'timeout' | 'permanent';
  readonly id: string;
  /** The code of an error, or the kind of a timeout. */
  readonly detail?: string;
}

/** What a process says of itself in a line; the rest is known. */
type Said<L extends { readonly at: number; readonly pid: number }> = L extends unknown ? Omit<L, 'at' | 'pid'> : never;

/** Appends a line to the history of this process. It is in the file when the call returns, so it outlives a kill. */
export function note<L extends { readonly at: number; readonly pid: number } = Line>(
  folder: string,
  line: Said<L>,
): void {
  const text = JSON.stringify({ at: Date.now(), pid: process.pid, ...line });
  appendFileSync(join(folder, `${process.pid}.jsonl`), `${text}\n`);
}

/** The histories of the processes of a test: each writes a file of its own in one folder. */
export class History {
  private constructor(readonly folder: string) {}

  static async create(): Promise<History> {
    return new History(await mkdtemp(join(tmpdir(), 'millrace-history-')));
  }

  /** Every line of every process, by time. Programs of another kind write lines of theirs. */
  async lines<L extends { readonly at: number } = Line>(): Promise<L[]> {
    const files = await readdir(this.folder);
    const texts = await Promise.all(files.map((file) => readFile(join(this.folder, file), 'utf8')));
    // What comes after the last end of a line is still being written.
    const lines = texts.flatMap((text) => text.split('\n').slice(0, -1));
    return lines.map((line) => JSON.parse(line) as L).sort((a, b) => a.at - b.at);
  }

  /** The lines of one kind, of one job or one process where that is said. */
  async of(op: Line['op'], { id, pid }: Partial<Pick<Line, 'id' | 'pid'>> = {}): Promise<Line[]> {
    const lines = await this.lines();
    return lines.filter(
      (line) => line.op === op && (id === undefined || line.id === id) && (pid === undefined || line.pid === pid),
    );
  }

  /** The processes that started a job, in order, as often as they did. */
  async runsOf(id: string): Promise<number[]> {
    return (await this.of('start', { id })).map(({ pid }) => pid);
  }

  /** Forgets everything; no process may be writing. */
  async clear(): Promise<void> {
    for (const file of await readdir(this.folder)) await rm(join(this.folder, file));
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
