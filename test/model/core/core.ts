import type { Redis } from 'ioredis';

import { declare } from '../../../libs/core/src/redis/scripts.generated.js';
import { LuaQueue, START } from '../../lua/support/lua-queue.js';
import { Snapshot } from './snapshot.js';

/** What Redis runs in place of a command, by the command's name. */
export type Texts = ReadonlyMap<string, { readonly sha1: string; readonly source: string }>;

interface Named {
  readonly name: string;
  readonly sha1: string;
  readonly source: string;
}

/** One queue as Redis has it. */
export class CoreQueue extends LuaQueue {
  constructor(
    redis: Redis,
    base: string,
    private readonly texts: Texts,
  ) {
    super(redis, base);
  }

  /** Sends a command as it stands on the wire. Rejects with the error that Redis replied. */
  send(script: Named, argv: readonly string[]): Promise<unknown> {
    return this.evaluate(script, argv);
  }

  protected override evaluate(script: Named, argv: readonly string[]): Promise<unknown> {
    const text = this.texts.get(script.name);
    return super.evaluate(text === undefined ? script : { ...text, name: script.name }, argv);
  }
}

/** The names of the queues, which lie in one slot. */
export const QUEUES = ['one', 'two'] as const;

/** The real side of a run: queues of one slot under virtual time, on a Redis that has nothing else. */
export class Core {
  private constructor(
    private readonly redis: Redis,
    readonly queues: readonly CoreQueue[],
    /** The keyspace after the last call. */
    public last: Snapshot,
  ) {}

  static async open(redis: Redis, texts: Texts): Promise<Core> {
    await redis.flushall();
    const queues = QUEUES.map((name) => new CoreQueue(redis, `test-model:{m}${name.length}:${name}`, texts));
    for (const queue of queues) await queue.send(declare, declare.encode({ virtual: 1, now: START }));
    return new Core(redis, queues, await Snapshot.take(redis));
  }

  look(): Promise<Snapshot> {
    return Snapshot.take(this.redis);
  }

  /** What every key of the slot begins with; it is a prefix of each base. */
  get slot(): string {
    return 'test-model:{m}';
  }
}
