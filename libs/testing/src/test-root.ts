import { randomUUID } from 'node:crypto';

import { VirtualClock, type Connection } from '@millrace/core';
import type { JobsModuleOptions } from '@millrace/nestjs';

import { quiet } from './quiet.js';
import { Recorder } from './recorder.js';

/** What a test can say of a root beside what the test kit says: the connection, defaults, options of processors … */
export interface TestOptions extends Omit<JobsModuleOptions, 'autoStart' | 'clock' | 'prefix' | 'signals' | 'work'> {
  /** When virtual time begins. @default 2026-01-01T00:00:00Z */
  readonly startAt?: Date | number | undefined;
}

/** One root of the application under test: its own keys, its own time, and nothing that runs by itself. */
export class TestRoot {
  readonly clock: VirtualClock;
  readonly recorder = new Recorder();
  readonly prefix = `test-${randomUUID()}`;
  /** What the root is told. */
  readonly options: JobsModuleOptions;
  #connection: Connection | undefined;
  #begin: () => Promise<void> = async () => {};

  constructor({ startAt, ...said }: TestOptions = {}) {
    const settle = async (): Promise<void> => {
      await this.#begin();
      await quiet(this.#connection);
    };
    this.clock = new VirtualClock(startAt === undefined ? { settle } : { settle, now: Number(startAt) });
    const { middleware = {}, worker = {} } = said;
    this.options = {
      ...said,
      clock: this.clock,
      prefix: this.prefix,
      autoStart: false,
      signals: false,
      // The thread that keeps leases lives by real time.
      worker: { ...worker, lease: { ...worker.lease, keeper: 'main' } },
      middleware: { ...middleware, add: [...(middleware.add ?? []), this.recorder.middleware] },
    };
    ROOTS.set(this.clock, this);
  }

  /** The root that lives by this clock. */
  static of(clock: unknown): TestRoot | undefined {
    return typeof clock === 'object' && clock !== null ? ROOTS.get(clock) : undefined;
  }

  /**
   * The application is up: from now on time waits for its calls.
   *
   * @param begin called once, before time first goes on
   */
  connected(connection: Connection, begin: () => Promise<void>): void {
    this.#connection = connection;
    let begun: Promise<void> | undefined;
    this.#begin = () => (begun ??= begin());
  }

  /** Deletes all keys of the root; once, for an application may be closed twice. */
  async removeKeys(): Promise<void> {
    const { client } = this.#connection ?? {};
    this.#connection = undefined;
    if (client === undefined || client.isCluster) return;
    let cursor = '0';
    do {
      const [next, keys] = await client.scan(cursor, 'MATCH', `${this.prefix}:*`, 'COUNT', 1_000);
      if (keys.length > 0) await client.unlink(...keys);
      cursor = next;
    } while (cursor !== '0');
  }
}

const ROOTS = new WeakMap<object, TestRoot>();
