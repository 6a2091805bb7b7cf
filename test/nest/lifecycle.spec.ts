import { afterEach, describe, expect, it } from '@jest/globals';
import { Child } from '../support/child.ts';
import { redisUrl, uniquePrefix } from '../support/redis.ts';
import { Nest11 } from './support/nest-11.ts';

const program = new URL('./programs/lifecycle-table.ts', import.meta.url);

interface RowReport {
  readonly type: 'row';
  readonly row: object;
  readonly faults: readonly string[];
}

describe('workers start last and stop first, and the connection closes last, whatever imports what', () => {
  let child: Child | undefined;
  let nest11: Nest11 | undefined;

  afterEach(async () => {
    await child?.kill();
    await nest11?.remove();
  });

  async function table(place: string | URL): Promise<RowReport[]> {
    child = await Child.start(place, { args: [redisUrl(), uniquePrefix('nest-')] });
    await child.message({ type: 'end' }, 60_000);
    expect(child.output).toBe('');
    return child.messages.filter((message): message is RowReport => (message as RowReport).type === 'row');
  }

  it('in 48 of 48 rows on Nest 12 [nest:H9] [case:O6]', async () => {
    const rows = await table(program);
    expect(rows).toHaveLength(48);
    expect(rows.filter(({ faults }) => faults.length > 0)).toEqual([]);
  }, 90_000);

  it('in 48 of 48 rows on Nest 11 [nest:H9]', async () => {
    nest11 = await Nest11.install();
    const rows = await table(await nest11.bring(program));
    expect(rows).toHaveLength(48);
    expect(rows.filter(({ faults }) => faults.length > 0)).toEqual([]);
  }, 180_000);
});
