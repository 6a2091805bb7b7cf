import type { discard, retryMany } from '../../../libs/core/src/redis/scripts.generated.js';
import type { luaQueue } from './harness.js';
import { zip } from './lua-worker.js';

/** What a command for many finished jobs is asked. */
export interface Choice {
  readonly what?: string;
  readonly value?: string;
  readonly untilMs?: number;
  readonly cursor?: string;
  readonly limit?: number;
}

/** Jobs that have ended, and a command for many of them. */
export function finishedJobs(queue: ReturnType<typeof luaQueue>, script: typeof discard | typeof retryMany) {
  return {
    /** Adds these jobs and lets them end by a code, one ms after the other. */
    async ended(ids: readonly string[], code = 'f1,E\t\tgreet\tno', fields = ''): Promise<void> {
      const worker = await queue().worker(`E${ids[0]}`);
      for (const id of ids) {
        queue().pass(1);
        await queue().add([id, '', { fields }]);
        const leased = await worker.lease(1);
        await worker.exchange({ ends: zip(leased, [code]) });
      }
    },

    async all(
      choice: Choice = {},
    ): Promise<{ done: number; passed: number; cursor: string; left: number; at: number }> {
      const { what = 'group', value = 'greet:E', untilMs = 0, cursor = '', limit = 500 } = choice;
      const reply = await queue().run(script, { ...queue().lane(), what, value, untilMs, cursor, limit });
      if (reply.code !== 'OK') throw new Error(reply.code);
      return reply;
    },
  };
}
