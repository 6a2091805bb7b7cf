import { Redis } from 'ioredis';
import { dumpKeys } from '../../lua/support/dump.ts';
import { faultsIn } from '../../lua/support/faults.ts';
import { homesOf } from '../../lua/support/homes.ts';
import { Keyspace } from '../../lua/support/keyspace.ts';

/** What the keys of some queues say when all is over. */
export interface FinalKeys {
  /** `queue/id` -> the collections that have the job. */
  readonly homes: ReadonlyMap<string, readonly string[]>;
  /** What is wrong, and what should not be there any more. */
  readonly leftovers: readonly string[];
}

/**
 * What somebody holds, or waits for; with no worker left and no job that lives there is none of it. (What a job waited for
 * stays known where it failed by that.)
 */
const HOLDS = /^(h:|L$|ws$|wk$|i$|uk$|gs:|dd:|dq$|dx:|rw:|rn$|wr$|gw$|gl$|g:|ab:|af$|ao$|ad$|ag$|u:)/;

/** Reads all keys of these queues, directly from Redis. No worker may be there any more. */
export async function finalKeys(url: string, prefix: string, queues: readonly string[]): Promise<FinalKeys> {
  const redis = new Redis(url);
  try {
    const homes = new Map<string, readonly string[]>();
    const leftovers: string[] = [];
    for (const queue of queues) {
      const dump = await dumpKeys(redis, `${prefix}:{${queue}}:`);
      const keys = new Keyspace(dump);
      const found = homesOf(keys);
      for (const [id, places] of found) homes.set(`${queue}/${id}`, places);
      const held = Object.entries(dump).filter(([key]) => HOLDS.test(key));
      leftovers.push(
        ...faultsIn(keys, true).map((what) => `${queue}: ${what}`),
        ...held.map(([key, content]) => `${queue}: ${key} is left: ${JSON.stringify(content).slice(0, 500)}`),
        ...Object.entries(keys.hash('ru')).map(([name, used]) => `${queue}: ${used} of ${name} is still used`),
        ...(Number(keys.meta['active'] ?? 0) > 0 ? [`${queue}: ${keys.meta['active']} jobs count as held`] : []),
      );
    }
    return { homes, leftovers };
  } finally {
    redis.disconnect();
  }
}
