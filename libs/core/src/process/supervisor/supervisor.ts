import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import type { Logger } from '../../options/index.js';
import type { Runnable } from '../runnable.js';
import type { ProcessStatus } from '../status-socket.js';
import type { FromProcess, ToProcess } from './messages.js';
import { Respawn } from './respawn.js';

/** What a supervisor looks after. */
export interface SupervisorOptions {
  /** The file of a worker, see `millrace-worker start`. */
  readonly file: string;
  readonly processes: number;
  /** Arguments of each process. */
  readonly args: readonly string[];
  readonly logger: Logger;
}

/** One place for a process: there is one in it, or soon will be. */
class Place {
  readonly respawn = new Respawn();
  child: ChildProcess | undefined;
  startedAt = 0;
  timer: NodeJS.Timeout | undefined;
}

const ANSWER_MS = 2_000;
const PROGRAM = fileURLToPath(new URL('../../bin/supervised-worker.js', import.meta.url));

/**
 * Runs a worker in several processes, and starts those again that end, at once if they lived a while, else later and
 * later. It passes on what it is told: a process of its own group hears signals only from here.
 */
export class Supervisor implements Runnable {
  readonly #options: SupervisorOptions;
  readonly #places: readonly Place[];
  #isStopping = false;
  #empty: (() => void) | undefined;
  #questions = 0;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#places = Array.from({ length: options.processes }, () => new Place());
  }

  /** Resolves when each process was started; one that dies at once is started again. */
  async start(): Promise<void> {
    for (const place of this.#places) this.#spawn(place);
  }

  /** Drains all processes; called again it ends them at once, after giving back what they run. */
  async stop(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    const isAgain = this.#isStopping;
    this.#isStopping = true;
    for (const place of this.#places) clearTimeout(place.timer);
    if (!isAgain || options.timeoutMs !== undefined) this.signal('SIGTERM');
    if (this.#living.length === 0) return;
    await new Promise<void>((resolve) => {
      const before = this.#empty;
      this.#empty = () => {
        before?.();
        resolve();
      };
    });
  }

  pause(): void {
    this.signal('SIGUSR2');
  }

  resume(): void {
    this.signal('SIGCONT');
  }

  signal(signal: NodeJS.Signals): void {
    for (const child of this.#living) child.kill(signal);
  }

  /** What each process says of itself; one that does not answer in time is left out. */
  async statuses(): Promise<ProcessStatus[]> {
    const told = await Promise.all(this.#living.map((child) => this.#ask(child)));
    return told.filter((status) => status !== undefined);
  }

  get #living(): ChildProcess[] {
    return this.#places.flatMap(({ child }) => (child === undefined ? [] : [child]));
  }

  #spawn(place: Place): void {
    const { file, args, logger } = this.#options;
    const child = fork(PROGRAM, [file, ...args], { detached: true, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    place.child = child;
    place.startedAt = performance.now();
    child.once('error', (error) => logger.error(`A worker process could not be started: ${error.message}`));
    child.once('close', (code, signal) => this.#ended(place, child, code, signal));
  }

  #ended(place: Place, child: ChildProcess, code: number | null, signal: NodeJS.Signals | null): void {
    if (place.child !== child) return;
    place.child = undefined;
    if (this.#isStopping) {
      if (this.#living.length === 0) this.#empty?.();
      return;
    }
    const livedMs = Math.round(performance.now() - place.startedAt);
    const delayMs = Math.round(place.respawn.delayMs(livedMs));
    const how = signal === null ? `with code ${code ?? 'none'}` : `by ${signal}`;
    this.#options.logger.warn(
      `Worker process ${child.pid ?? ''} ended ${how} after ${livedMs} ms; another one follows in ${delayMs} ms.`,
      {
        event: 'process.end',
        pid: child.pid,
        code,
        signal,
        livedMs,
        delayMs,
      },
    );
    place.timer = setTimeout(() => this.#spawn(place), delayMs);
  }

  #ask(child: ChildProcess): Promise<ProcessStatus | undefined> {
    const question = ++this.#questions;
    return new Promise((resolve) => {
      const done = (status?: ProcessStatus): void => {
        clearTimeout(timer);
        child.off('message', hear);
        resolve(status);
      };
      const timer = setTimeout(done, ANSWER_MS);
      const hear = (message: FromProcess): void => {
        if (message.type === 'status' && message.question === question) done(message.status);
      };
      child.on('message', hear);
      child.send({ type: 'status', question } satisfies ToProcess, (error) => {
        if (error !== null) done();
      });
    });
  }
}
