import { fileURLToPath } from 'node:url';
import type { AnyJobs, Job, Queue } from '@millrace/core';
import { Harness } from '../../core/support/harness.ts';
import { Child, type ChildExit } from '../../support/child.ts';
import { bulkStrings, rawCommand } from '../../support/redis-client.ts';
import { redisUrl } from '../../support/redis.ts';
import { waitFor, within } from '../../support/wait-for.ts';
import type { StopTold, StopWork } from './stop-protocol.ts';

const program = fileURLToPath(new URL('../programs/stopped-by-signal.ts', import.meta.url));

/** A process that compiles its program has to start, on a machine that may be busy. */
export const START_MS = 30_000;

/** How a process ended, and how long after it was asked to. */
export interface TimedExit extends ChildExit {
  readonly afterMs: number;
}

/** A worker in a process of its own that is told to end, and its queue seen from here. */
export class StoppedWorker {
  readonly harness: Harness;
  readonly prefix: string;
  child!: Child;
  #askedAt = NaN;

  /** @param url the Redis of the worker */
  constructor(readonly url = redisUrl()) {
    this.harness = new Harness(url);
    this.prefix = this.harness.prefix;
  }

  queue(): Promise<Queue<AnyJobs>> {
    return this.harness.queue();
  }

  /** Adds jobs that do this, and nothing else. */
  async add(...work: readonly StopWork[]): Promise<Job[]> {
    const queue = await this.queue();
    return queue.addMany(work.map((data) => ({ name: 'any', data })));
  }

  /** Starts the process; resolves when it has said `until`. */
  async start(graceMs: number, until: StopTold['type'] = 'started', url = this.url): Promise<void> {
    this.child = await Child.start(program, { args: [url, this.prefix, String(graceMs)] });
    await this.child.message<StopTold>({ type: until }, START_MS);
  }

  async running(count: number): Promise<void> {
    await waitFor(`${count} jobs to run`, () => this.told('running').length === count, { timeoutMs: START_MS });
  }

  /** What it told so far, of one type. */
  told<T extends StopTold['type']>(type: T): readonly Extract<StopTold, { type: T }>[] {
    return (this.child.messages as StopTold[]).filter((message) => message.type === type) as never;
  }

  signal(name: NodeJS.Signals): void {
    if (Number.isNaN(this.#askedAt)) this.#askedAt = performance.now();
    this.child.signal(name);
  }

  /** Resolves when the process has ended. */
  async exit(): Promise<TimedExit> {
    const exit = await within('the process to end', this.child.exited, 20_000);
    return { ...exit, afterMs: performance.now() - this.#askedAt };
  }

  /** The keys in which something is held, or a worker is known. */
  async traces(): Promise<string[]> {
    const base = `${this.prefix}:{mail}:`;
    const keys = bulkStrings(await rawCommand(Number(new URL(this.url).port), ['KEYS', `${base}*`]));
    return keys.map((key) => key.slice(base.length)).filter((key) => /^(h:|L$|ws$|i$)/.test(key));
  }

  async close(): Promise<void> {
    await this.child?.kill();
    await this.harness.close();
  }
}
