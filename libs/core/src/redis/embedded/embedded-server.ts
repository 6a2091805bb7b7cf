import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { NoEmbeddedError } from '../../errors/index.js';
import type { Logger } from '../../options/index.js';
import { joinHolder, startHolder, type Holder, type Presence } from './holder.js';
import { findServerBinary } from './server-binary.js';
import { answers, lastLogLine, recordedSocket, recordSocket, serverCommand } from './server-process.js';
import { lockStarting } from './starter-lock.js';

const POLL_MS = 10;

/** How long `release` waits for a server to save its last second and end. */
const END_WITHIN_MS = 1_000;

/** How a server is started. */
export interface StartSettings {
  readonly logger: Logger;
  readonly timeoutMs: number;
}

/**
 * The server of one directory, as this process sees it: started by it or joined. It ends when the last process that
 * uses it lets go or ends, and keeps its data.
 */
export class EmbeddedServer {
  readonly dir: string;
  readonly #settings: StartSettings;
  readonly #fifo: string;
  #socket = '';
  #presence: Presence | undefined;
  #holder: Holder | undefined;
  #restarting: Promise<void> | undefined;
  #isReleased = false;

  /** @param dir the true path of an existing directory */
  constructor(dir: string, settings: StartSettings) {
    this.dir = dir;
    this.#settings = settings;
    this.#fifo = join(dir, 'users');
  }

  /** Where it listens. */
  get socket(): string {
    return this.#socket;
  }

  /**
   * Joins the server of the directory, or starts one.
   *
   * @throws NoEmbeddedError
   */
  async start(): Promise<void> {
    const { logger, timeoutMs } = this.#settings;
    const binary = await findServerBinary(process.env, logger);
    const deadline = performance.now() + timeoutMs;
    const unlock = await lockStarting(join(this.dir, 'starting'), timeoutMs);
    if (unlock === undefined) throw this.#failure(`another process has been starting one for ${timeoutMs} ms`);
    try {
      while (!(await this.#joinOrLaunch(binary, deadline))) {
        if (performance.now() > deadline) throw this.#failure('one that is ending does not end');
        await delay(POLL_MS);
      }
    } finally {
      await unlock();
    }
  }

  /** Sees to it, in the background, that the server runs. To be called when a connection to it was lost. */
  ensureRunning(): void {
    if (this.#isReleased || this.#restarting !== undefined) return;
    this.#restarting = this.start()
      .catch((error: Error) => this.#settings.logger.error(error.message))
      .then(() => {
        this.#restarting = undefined;
        if (this.#isReleased) this.#presence?.release();
      });
  }

  /** Lets go of the server, and waits for its end if this process started it and nobody else uses it. */
  async release(): Promise<void> {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#presence?.release();
    if (this.#holder === undefined) return;
    const ended = new AbortController();
    void this.#holder.ended.then(() => ended.abort());
    await delay(END_WITHIN_MS, undefined, { signal: ended.signal }).catch(() => {});
  }

  /** `false` while an older server of the directory is ending. */
  async #joinOrLaunch(binary: string, deadline: number): Promise<boolean> {
    const socket = await recordedSocket(this.dir);
    const joined = joinHolder(this.#fifo);
    const isServed = await answers(socket);
    if (joined !== undefined && isServed) {
      this.#hold(joined, socket);
      return true;
    }
    joined?.release();
    if (joined !== undefined || isServed) return false;
    await this.#launch(binary, deadline);
    return true;
  }

  async #launch(binary: string, deadline: number): Promise<void> {
    const socket = await recordSocket(this.dir);
    const log = join(this.dir, 'redis.log');
    await unlink(log).catch(() => {});
    const { holder, presence } = await startHolder(this.#fifo, serverCommand(binary, this.dir, socket, log));
    this.#hold(presence, socket);
    this.#holder = holder;
    let hasEnded = false;
    void holder.ended.then(() => (hasEnded = true));
    while (!(await answers(socket))) {
      if (hasEnded) throw this.#failure(`${binary} ended at once: ${await lastLogLine(log)}`);
      if (performance.now() > deadline) throw this.#failure(`${binary} does not answer: ${await lastLogLine(log)}`);
      await delay(POLL_MS);
    }
  }

  #hold(presence: Presence, socket: string): void {
    this.#presence?.release();
    this.#presence = presence;
    this.#socket = socket;
  }

  #failure(reason: string): NoEmbeddedError {
    return new NoEmbeddedError(`${reason} (directory ${this.dir})`);
  }
}
