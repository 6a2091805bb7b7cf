import { describe, expect, it } from '@jest/globals';
import { transactionsOf } from './aof.ts';
import { Ledger } from './ledger.ts';

const AT = 1_800_000_000_000;
const KEY = 'p:{plain}';

function frame(...args: readonly string[]): string {
  return `*${args.length}\r\n${args.map((arg) => `$${Buffer.byteLength(arg)}\r\n${arg}\r\n`).join('')}`;
}

function script(...commands: readonly (readonly string[])[]): string {
  return [frame('MULTI'), ...commands.map((command) => frame(...command)), frame('EXEC')].join('');
}

const OPEN = script(
  ['HSET', `${KEY}:h:E`, '\topen', `1,2000,${AT}`, '\ttable', '---'],
  ['HSET', `${KEY}:ws`, 'E', '{"name":"worker-1.1"}'],
);
const ADD = script(
  ['HSET', `${KEY}:j`, 'a', `1${AT + 1}u\twork\tu77\t{"delayMs":5}\n{"n":"n-1"}`],
  ['HSET', `${KEY}:x`, 'a', 'g\tg-1\nr\tgpu\t2\nd\tf\tb\tc'],
);
const LEASE = script(
  ['HSET', `${KEY}:h:E`, '\t0', '1,', 'a', '0.1.1000000000000u77', '\tleased', '1'],
  ['ZADD', `${KEY}:L`, 'XX', `${AT + 2_010}`, 'E'],
);

describe('the ledger of a run', () => {
  it('reads from what Redis wrote who held which job, and how it left', () => {
    const noted = frame('HSET', `${KEY}:h:E`, 'a', '0.1.1000000000000u77HP');
    const retried = script(
      ['HDEL', `${KEY}:h:E`, 'a'],
      ['HSET', `${KEY}:e`, 'a', '{"message":"no run=r-1;"}'],
      ['ZADD', `${KEY}:t`, `${AT + 500}`, 'a'],
      ['ZADD', `${KEY}:L`, 'XX', `${AT + 2_020}`, 'E'],
    );
    const again = script(['HSET', `${KEY}:h:E`, 'a', '0.2.1000000000001']);
    const ended = script(
      ['HDEL', `${KEY}:h:E`, 'a', '\topen'],
      ['HSET', `${KEY}:o`, 'a', `c${AT},1,2\n{"mark":"run=r-2;"}`],
    );
    const file = Buffer.from(`#TS:1800000000\r\n${OPEN}${ADD}${LEASE}${noted}${retried}${again}${ended}`);
    const { entries } = new Ledger(transactionsOf(file));
    expect(entries).toEqual([
      { type: 'opened', epoch: 'E', by: 'worker-1.1', turn: 1, at: AT, queue: 'plain' },
      {
        ...{ type: 'stored', id: 'a', n: 'n-1', delayMs: 5, group: 'g-1', key: '77', gpus: 2, dependsOn: ['b', 'c'] },
        ...{ turn: 2, at: AT + 1, queue: 'plain' },
      },
      { type: 'leased', id: 'a', epoch: 'E', token: '0.1', turn: 3, at: AT + 10, queue: 'plain' },
      {
        type: 'left',
        id: 'a',
        epoch: 'E',
        how: 'retry',
        run: 'r-1',
        dueAt: AT + 500,
        turn: 5,
        at: AT + 20,
        queue: 'plain',
      },
      { type: 'leased', id: 'a', epoch: 'E', token: '0.2', turn: 6, at: AT + 20, queue: 'plain' },
      { type: 'left', id: 'a', epoch: 'E', how: 'ended', run: 'r-2', turn: 7, at: AT + 20, queue: 'plain' },
      { type: 'closed', epoch: 'E', turn: 7, at: AT + 20, queue: 'plain' },
      { type: 'ended', id: 'a', letter: 'c', run: 'r-2', turn: 7, at: AT + 20, queue: 'plain' },
    ]);
  });

  it('reads a job that goes back, one that the core ends itself, and one that is deleted', () => {
    const back = script(['HDEL', `${KEY}:h:E`, 'a'], ['LPUSH', `${KEY}:r`, 'a']);
    const failed = frame('HSET', `${KEY}:o`, 'a', `f${AT},1,0\n{"kind":"stalled"}`);
    const deleted = script(['HDEL', `${KEY}:j`, 'a'], ['HDEL', `${KEY}:o`, 'a']);
    const { entries } = new Ledger(transactionsOf(Buffer.from(`${LEASE}${back}${failed}${deleted}`)));
    expect(entries.map(({ type }) => type)).toEqual(['leased', 'left', 'ended', 'deleted', 'revived']);
    expect(entries[1]).toMatchObject({ how: 'back' });
    expect(entries[2]).toMatchObject({ letter: 'f', kind: 'stalled' });
  });

  it('reads which places of groups are taken, and which are free again', () => {
    const taken = script(['HSET', `${KEY}:h:E`, 'a', '0.2.1000000000001HG'], ['SADD', `${KEY}:gs:g:1`, 'a', 'b']);
    const free = script(['HDEL', `${KEY}:h:E`, 'a'], ['SREM', `${KEY}:gs:g:1`, 'a']);
    const { entries } = new Ledger(transactionsOf(Buffer.from(`${taken}${free}`)));
    const place = { group: 'g:1', at: 0, queue: 'plain' };
    expect(entries.filter(({ type }) => type.endsWith('placed'))).toEqual([
      { type: 'placed', id: 'a', turn: 1, ...place },
      { type: 'placed', id: 'b', turn: 1, ...place },
      { type: 'displaced', id: 'a', turn: 2, ...place },
    ]);
  });

  it('leaves out what Redis had not written whole when it was killed', () => {
    const file = Buffer.from(`${OPEN}${ADD}`);
    for (const lost of [1, 10, Buffer.byteLength(ADD) - 1]) {
      const { entries } = new Ledger(transactionsOf(file.subarray(0, file.length - lost)));
      expect(entries.map(({ type }) => type)).toEqual(['opened']);
    }
  });
});
