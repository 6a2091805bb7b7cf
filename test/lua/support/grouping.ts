import { groups, limitGroup } from '../../../libs/core/src/redis/scripts.generated.js';
import type { luaQueue } from './harness.js';
import { body, type JobSketch } from './records.js';

/** Jobs of groups in a test: adds them, limits groups, and says what is known of each. */
export function grouping(queue: ReturnType<typeof luaQueue>) {
  return {
    /** Adds jobs of a group. */
    async add(group: string, ids: readonly string[], how = '', sketch: JobSketch = {}, lines = ''): Promise<void> {
      const { laneId, seq } = queue().lane();
      const rows = ids.flatMap((id) => [`${id}\t${how}\ng\t${group}${lines}`, body(sketch)]);
      const reply = await queue().raw('add-checked', laneId, seq, 0, ...rows);
      if (!(reply as unknown[]).includes('OK')) throw new Error(`Jobs of ${group} were not added: ${String(reply)}`);
    },

    setGroup: (name: string, ...rows: readonly string[]) => queue().run(limitGroup, { name, rows }),

    /** What is known of each group: name, waiting, active, settings. */
    async facts(): Promise<string[]> {
      const { rows } = await queue().run(groups, { after: '', limit: 1_000 });
      return Array.from({ length: rows.length / 4 }, (_, i) => rows.slice(4 * i, 4 * i + 4).join(' '));
    },
  };
}
