import { appendFileSync, readFileSync } from 'node:fs';

/** What a handler or a hook can note. */
export type Op = 'start' | 'end' | 'abort' | 'accepted' | 'lost' | 'timeout';

/** One line of a history. */
export interface Entry {
  /** In ms since 1970, by the clock of the machine: all processes of a test share it. */
  readonly at: number;
  readonly pid: number;
  readonly op: Op;
  readonly job: string;
  readonly detail?: string | undefined;
}

/** Appends a line in one write: what was noted before a kill -9 stays, and lines of several processes do not mix. */
export function appendEntry(file: string, op: Op, job: string, detail?: string): void {
  const entry: Entry = { at: performance.timeOrigin + performance.now(), pid: process.pid, op, job, detail };
  appendFileSync(file, `${JSON.stringify(entry)}\n`, { flag: 'a' });
}

/** What the processes of a test noted. */
export class History {
  readonly entries: readonly Entry[];

  constructor(file: string) {
    const lines = readFileSync(file, 'utf8').split('\n');
    this.entries = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Entry);
  }

  /** The entries of one kind, of one job or process where that is said. */
  of(op: Op, { job, pid }: { job?: string; pid?: number } = {}): Entry[] {
    return this.entries.filter(
      (entry) =>
        entry.op === op && (job === undefined || entry.job === job) && (pid === undefined || entry.pid === pid),
    );
  }

  /** Job -> the processes that started it, in order. */
  get starters(): ReadonlyMap<string, readonly number[]> {
    const starters = new Map<string, number[]>();
    for (const { job, pid } of this.of('start')) starters.set(job, [...(starters.get(job) ?? []), pid]);
    return starters;
  }
}
