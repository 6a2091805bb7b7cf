import { connect, Queue, silentLogger, Worker, type Connection, type JobOptions } from '@millrace/core';

import type { Draft } from '../scenarios/drafts.js';
import type { Handler } from '../scenarios/handlers.js';
import type { Peer, Setup } from './peer.js';

/** More than any scenario has. */
const ALL = 10_000_000;

/** Millrace with its defaults. */
export class Millrace implements Peer {
  readonly settings: string =
    'defaults (fencing, lease keeper thread, 1,000 completed jobs kept, events, adaptive prefetch) without log lines';
  protected setup!: Setup;
  #connection!: Connection;
  #queues: readonly Queue[] = [];
  #turn = 0;

  async open(setup: Setup): Promise<void> {
    this.setup = setup;
    this.#connection = await connect(`redis://127.0.0.1:${setup.port}`, { logger: silentLogger });
    this.#queues = namesOf(setup).map((name) => new Queue(name, { connection: this.#connection }));
    for (const queue of this.#queues) {
      await queue.counts();
      if (setup.keep === 'default') continue;
      await queue.config.set({ keep: { completed: { count: setup.keep === 'none' ? 0 : ALL } } });
    }
  }

  /** Each in turn. */
  get #queue(): Queue {
    return this.#queues[this.#turn++ % this.#queues.length]!;
  }

  add(draft: Draft): Promise<unknown> {
    return this.#queue.add('welcome', draft.data, optionsOf(draft));
  }

  addMany(drafts: readonly Draft[]): Promise<unknown> {
    return this.#queue.addMany(
      drafts.map((draft) => {
        const options = optionsOf(draft);
        return options === undefined
          ? { name: 'welcome', data: draft.data }
          : { name: 'welcome', data: draft.data, options };
      }),
    );
  }

  async work(concurrency: number, handler: Handler): Promise<void> {
    const worker = new Worker({
      connection: this.#connection,
      queues: namesOf(this.setup),
      concurrency,
      handlers: { welcome: ({ data }) => handler(data as Draft['data']) },
      ...(this.setup.hasRetries && { defaults: { backoff: { type: 'fixed', delayMs: 0 } } }),
    });
    await worker.start();
  }
}

function namesOf({ queue, queues }: Setup): string[] {
  return queues === 1 ? [queue] : Array.from({ length: queues }, (_, n) => `${queue}-${n}`);
}

/** `undefined` for a plain job: what has no options pays for none. Higher priorities run first here. */
function optionsOf({ id, priority, runAt }: Draft): JobOptions | undefined {
  if (id !== undefined) return { id };
  if (priority !== undefined) return { priority: -priority };
  return runAt === undefined ? undefined : { runAt };
}
