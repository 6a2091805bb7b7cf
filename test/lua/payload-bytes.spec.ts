import { describe, expect, it } from '@jest/globals';

import { define, fire } from './support/lua-schedule.js';
import { luaQueue } from './support/harness.js';
import type { Leased } from './support/lua-worker.js';

const queue = luaQueue({ slot: 's' });

/** Texts that a reader and writer of JSON would change, in Lua or in JavaScript. */
const TEXTS: readonly (readonly [name: string, text: string])[] = [
  ['empty lists and objects [case:P1]', '[[],{},[[]],{"a":[]},"",null]'],
  [
    'numbers beyond what a double holds [case:P2]',
    '[9007199254740993,111111111111111111,130775545883395173,-9007199254740993]',
  ],
  ['awkward numbers [case:P2]', '[1e21,-0,-0.0,0.1,0.30000000000000004,1700000000000000,1E+2,5e-324]'],
  ['white space, repeated and odd keys [case:P1]', ' {"a":1, "a":2,\t"__proto__" : [ ] ,"\\u0000":"\\ud800"} '],
  ['no JSON at all [case:P1]', 'a\nb\tc\0\u0080 {"'],
];

describe('a payload [case:I17]', () => {
  it.each(TEXTS)('keeps its bytes through every change of state: %s', async (_, payload) => {
    const q = queue();
    const other = await q.neighbour('other');
    const worker = await q.worker('E');
    const seen: string[] = [];
    const lease = async (from = worker): Promise<Leased> => {
      const job = await from.leaseOne();
      seen.push(job.envelope.slice(job.envelope.indexOf('\n') + 1));
      return job;
    };
    await q.add(['a', 'd50', { payload }]);
    q.pass(50);
    await q.housekeep();
    await worker.end(await lease(), 'r5\t10\t\tno');
    q.pass(10);
    await q.housekeep();
    await worker.end(await lease(), 'z5\t10\t\t');
    await q.promote('a');
    await worker.end(await lease(), 'g0\t0\t\t');
    await worker.end(await lease(), 'n0\t0\tgreet\t');
    await q.raw('claim', 'greet');
    await worker.end(await lease(), 'u5\t10\t\tagain');
    await q.prioritize('a', 5);
    await q.promote('a');
    await worker.start(await lease());
    await reclaim();
    const second = await q.worker('F', 1_000_000);
    await second.end(await lease(second), 'f5\t0\tgreet\tno');
    expect(await q.retry('a')).toBe('R');
    await second.end(await lease(second), 'x5\t0\tgreet\tno');
    expect(await q.move('a', 'other')).toBe('M');
    other.now = q.now;
    const elsewhere = await other.worker('G');
    await elsewhere.end(await lease(elsewhere), 'b5\t0\tgreet\tno');
    expect(await other.move('a', 'own')).toBe('M');
    await second.end(await lease(second));
    await q.add(['parent', '']);
    await q.addRows([['child\t\nd\tf\tparent', `\tgreet\t\t\n${payload}`]]);
    await second.leaseOne().then((job) => second.end(job));
    await second.end(await lease(second));
    await define(q, { definition: `{}\n${payload}`, nextAt: q.now + 1_000 });
    q.pass(1_000);
    expect(await fire(q, { at: q.now, sketch: { payload } })).toBe(1);
    await second.end(await lease(second));
    expect(seen.length).toBeGreaterThanOrEqual(12);
    expect(new Set(seen)).toEqual(new Set([payload]));
  });
});

/** The lease of the worker runs out, and its jobs come back. */
async function reclaim(): Promise<void> {
  for (let round = 0; round < 7; round++) {
    queue().pass(5_000);
    await queue().housekeep();
  }
}
