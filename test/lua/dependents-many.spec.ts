import { describe, expect, it } from '@jest/globals';

import { addChecked } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { body } from './support/records.js';

const queue = luaQueue();
const MANY = 5_000;

/** How many commands Redis runs for `action`. */
async function cost(action: () => Promise<unknown>): Promise<number> {
  const calls = await queue().callsOf(action);
  return Object.values(calls).reduce((sum, n) => sum + n, 0);
}

describe('five thousand jobs that wait for one', () => {
  it.each([
    ['completes', '5', 'f', { waiting: MANY }],
    ['fails', 'f1\t\t\tno', 'f', { finished: ['0', String(MANY + 1), '0', '0', '0'] }],
  ])(
    'are told in bounded steps when it %s; between them all else goes on [core:B14]',
    async (_, code, policy, counts) => {
      await queue().add('a');
      for (let from = 0; from < MANY; from += 500) {
        const rows = Array.from({ length: 500 }, (__, i) => [`c${from + i}\t\nd\t${policy}\ta`, body()]).flat();
        await queue().run(addChecked, { ...queue().lane(), atomic: 1, rows });
      }
      const worker = await queue().worker('E');
      const job = await worker.leaseOne();
      const costs = [await cost(() => worker.end(job, code))];
      expect(await queue().counts()).toMatchObject({ blocked: MANY - 250 });
      // Another job comes and goes while they are told.
      await queue().add(['urgent', 'p9', { fields: 'p9,k0:0' }]);
      await worker.end(await worker.leaseOne());
      for (let more = 1, steps = 0; more === 1; steps++) {
        const before = (await queue().counts()).blocked;
        costs.push(await cost(async () => ({ more } = await queue().housekeep(1_000))));
        expect(before - (await queue().counts()).blocked).toBeLessThanOrEqual(250);
        expect(steps).toBeLessThan(25);
      }
      expect(await queue().counts()).toMatchObject({ blocked: 0, ...counts });
      // A step costs so many commands for each that it tells, however many are behind them: about 10 ms.
      expect(Math.max(...costs)).toBeLessThan(5_000);
      expect((await queue().dump())['dq']).toBeUndefined();
    },
  );
});
