import type { Script } from '../../../libs/core/src/redis/script.js';
import { assertInvariants } from './invariants.js';
import { LuaQueue } from './lua-queue.js';

/** A queue that workers use: its time is that of Redis. */
export class LiveQueue extends LuaQueue {
  override async run<A, R>(script: Script<A, R>, args: Omit<A, 'now'>): Promise<R> {
    return script.decode(await this.evaluate(script, script.encode({ ...args, now: undefined } as unknown as A)));
  }

  /** Holds all its keys against what must be true of them. */
  isSound(): Promise<void> {
    return assertInvariants(this);
  }
}
