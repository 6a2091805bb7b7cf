import type { Redis } from 'ioredis';

import type { Script } from '../../../libs/core/src/redis/script.js';
import { SCRIPTS } from '../../../libs/core/src/redis/scripts.generated.js';
import { dumpKeys, type Dump } from './dump.js';

/** A moment of virtual time, in ms: where each test begins. */
export const START = 1_800_000_000_000;

/** What the hash of each epoch has from its opening on: it makes the hash a table. */
export const TABLE = { '\ttable': '-'.repeat(65) };

type Timed = { readonly now?: number | undefined };

/** What a call has changed: its reply, and each key that differs, as it is afterwards (`undefined` = gone). */
export interface Change<R> {
  readonly reply: R;
  readonly changed: Dump;
}

/** The Lua core on one queue, called as a client calls it, with the time in the test's hands. */
export class LuaQueue {
  /** The time that the next call is given. */
  now = START;
  /** Set by a test that damages the queue on purpose, and so leaves it damaged. */
  isDamaged = false;
  #lanes = 0;

  constructor(
    readonly redis: Redis,
    readonly base: string,
  ) {}

  /** Lets time pass. */
  pass(ms: number): void {
    this.now += ms;
  }

  /** Runs a command through its generated encoder and decoder. */
  async run<A extends Timed, R>(script: Script<A, R>, args: Omit<A, 'now'>): Promise<R> {
    return script.decode(await this.evaluate(script, script.encode({ ...args, now: this.now } as unknown as A)));
  }

  /** Runs a command with what is given as ARGV, behind the time. Rejects with the error that Redis replied. */
  raw(name: string, ...argv: readonly (string | number)[]): Promise<unknown> {
    return this.rawAt(String(this.now), name, ...argv);
  }

  /** As `raw`, with the time as text: '' is the server's own. */
  rawAt(now: string, name: string, ...argv: readonly (string | number)[]): Promise<unknown> {
    const script = SCRIPTS.find((candidate) => candidate.name === name);
    if (script === undefined) throw new Error(`there is no command ${name}`);
    return this.evaluate(script, [now, ...argv.map(String)]);
  }

  /** Runs a command twice, as a client does whose first reply was lost; both replies. */
  async twice<A extends Timed, R>(script: Script<A, R>, args: Omit<A, 'now'>): Promise<[R, R]> {
    const first = await this.run(script, args);
    return [first, await this.run(script, args)];
  }

  /** A fresh lane and its first number, for commands of which the lane does not matter. */
  lane(): { laneId: string; seq: number } {
    this.#lanes += 1;
    return { laneId: `lane${this.#lanes}`, seq: 1 };
  }

  /** All keys of the queue, by their suffix. */
  dump(): Promise<Dump> {
    return dumpKeys(this.redis, `${this.base}:`);
  }

  /** The lines of all events that were written, each `letter\tid\tname`. */
  async told(): Promise<string[]> {
    const entries = await this.redis.xrange(this.key('ev'), '-', '+');
    return entries.flatMap(([, fields]) => (fields[3] ?? '').split('\n'));
  }

  /** What `action` does to the keys of the queue. Lanes and statistics are left out unless they are asked for. */
  async change<R>(action: () => Promise<R>, { withLanes = false, withStats = false } = {}): Promise<Change<R>> {
    const before = await this.dump();
    const reply = await action();
    const after = await this.dump();
    const changed: Dump = {};
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      if (!withLanes && (key === 'l' || key === 'lz')) continue;
      if (!withStats && /^(st:.*|sd|sm|mi)$/.test(key)) continue;
      if (JSON.stringify(before[key]) !== JSON.stringify(after[key])) changed[key] = after[key];
    }
    return { reply, changed };
  }

  /** A key of the queue in full. */
  key(suffix: string): string {
    return `${this.base}:${suffix}`;
  }

  protected async evaluate(
    script: { name: string; sha1: string; source: string },
    argv: readonly string[],
  ): Promise<unknown> {
    try {
      return await this.redis.evalsha(script.sha1, 1, this.base, ...argv);
    } catch (error) {
      if (!(error as Error).message.startsWith('NOSCRIPT')) throw error;
      return this.redis.eval(script.source, 1, this.base, ...argv);
    }
  }
}
