import { connect, JobsError, type Connection, type Logger } from '@millrace/core';
import { note } from '../../faults/support/fleet/history.ts';
import type { ChaosLine } from '../lines.ts';
import type { ChaosOrder, ChaosSettings, ProgramPoint } from './settings.ts';

type Said<L extends ChaosLine> = L extends unknown ? Omit<L, 'at' | 'pid' | 'by'> : never;

/** What workers and producers of a run have in common: their settings, their history, and how they end. */
export class ChaosProcess {
  readonly settings = JSON.parse(process.argv[2] ?? '') as ChaosSettings;
  #isEnding = false;
  #deathAt: ProgramPoint | undefined;

  constructor() {
    process.on('message', (order: ChaosOrder) => this.#obey(order));
    const { label } = this.settings;
    this.note({ op: 'born' });
    process.on('uncaughtExceptionMonitor', (error) =>
      this.note({ op: 'wrong', detail: `${label} dies: ${String(error)}` }),
    );
  }

  /** Writes a line; it is in the file when the call returns. */
  note(line: Said<ChaosLine>): void {
    note<ChaosLine>(this.settings.folder, { by: this.settings.label, ...line });
  }

  /** Waits for Redis as long as it takes: a process may be born into an outage. */
  connect(): Promise<Connection> {
    const { url, prefix, commandTimeoutMs } = this.settings;
    return connect(url, { prefix, commandTimeoutMs, waitUntilReady: false, logger: this.#logger() });
  }

  /** The place in the program at which it may have been told to die. */
  pass(point: ProgramPoint): void {
    if (this.#deathAt === point) process.kill(process.pid, 'SIGKILL');
  }

  /** It was told to end: what has not started yet is refused. */
  get isEnding(): boolean {
    return this.#isEnding;
  }

  /** SIGTERM ends it in good order, with code 0. */
  endsBy(stop: () => Promise<void>): void {
    process.once('SIGTERM', () => void this.#end(stop));
  }

  async #end(stop: () => Promise<void>): Promise<void> {
    this.#isEnding = true;
    await stop();
    this.note({ op: 'stopped' });
    process.exit(0);
  }

  #obey(order: ChaosOrder): void {
    if (order.type === 'die') this.#deathAt = order.at;
    else if (order.type === 'live') this.#deathAt = undefined;
    else for (const until = performance.now() + order.ms; performance.now() < until;);
  }

  /** Faults are told of in the log; what tells of a mistake of the product is for the verdict. */
  #logger(): Logger {
    const ignore = (): void => undefined;
    const error = (message: string, fields?: { readonly error?: unknown }): void => {
      const cause = fields?.error;
      if (JobsError.is(cause, 'PROTOCOL')) this.note({ op: 'wrong', detail: `${message} ${String(cause)}` });
    };
    return { debug: ignore, info: ignore, warn: error, error };
  }
}
