import { describe, expect, it } from '@jest/globals';

import { report, workers } from '../../libs/core/src/redis/scripts.generated.js';
import { luaQueue } from './support/harness.js';
import { START } from './support/lua-queue.js';
import { describeMalformed } from './support/malformed.js';

const queue = luaQueue();
const runningOf = async (): Promise<string | null | undefined> =>
  (await queue().run(workers, { offset: 0, limit: 10 })).rows[5];

describe('report', () => {
  it('says what a worker runs, as long as it does [seed:Q22, seed:A30]', async () => {
    await queue().add('a', 'b', 'c');
    const worker = await queue().worker('E');
    const [a, b] = await worker.lease(2);
    const rows = [a, b].flatMap((job) => [job?.id ?? '', job?.token ?? '', '500', '1', 'greet']);
    const { changed } = await queue().change(() => queue().run(report, { epoch: 'E', rows }));
    const line = (id: string): string => `${id}\t0.1\t${START - 500}\t1\tgreet`;
    expect(changed).toEqual({ wk: { E: `${line('a')}\n${line('b')}\n` } });
    expect(await runningOf()).toBe(`${line('a')}\n${line('b')}`);
    await worker.end(a);
    expect(await runningOf()).toBe(line('b'));
    await queue().raw('expire', 'l', 1, 'b');
    await worker.lease(1);
    expect(await runningOf()).toBe('');
    await queue().run(report, { epoch: 'E', rows: [] });
    expect((await queue().dump())['wk']).toBeUndefined();
  });

  it('said twice is said once [core:A13]', async () => {
    await queue().worker('E');
    const rows = ['a', '0.1', '5', '1', 'greet'];
    expect(await queue().twice(report, { epoch: 'E', rows })).toEqual([{ code: 'OK' }, { code: 'OK' }]);
  });

  it('of an epoch that is gone is none, and goes with its epoch', async () => {
    const worker = await queue().worker('E');
    await queue().run(report, { epoch: 'E', rows: ['a', '0.1', '5', '1', 'greet'] });
    await worker.close();
    const { reply, changed } = await queue().change(() =>
      queue().run(report, { epoch: 'E', rows: ['a', '0.1', '5', '1', 'greet'] }),
    );
    expect([reply, changed, (await queue().dump())['wk']]).toEqual([{ code: 'EPOCH_GONE' }, {}, undefined]);
  });
});

describeMalformed(queue, 'report', [
  ['half a row', ['E', 'a', '0.1'], /PROTOCOL A report/],
  ['too many rows', ['E', ...Array.from({ length: 505 }, () => '1')], /PROTOCOL A report/],
  ['an age that is none', ['E', 'a', '0.1', 'x', '1', 'greet'], /PROTOCOL An age/],
  ['a name with a tab', ['E', 'a', '0.1', '5', '1', 'a\tb'], /PROTOCOL The value/],
]);
