import { compileFunction } from 'node:vm';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { transformSync } from '@swc/core';
import { Redis } from 'ioredis';

import { ProtocolError } from '../../libs/core/src/errors/index.js';
import type { Script } from '../../libs/core/src/redis/script.js';
import * as codec from '../../libs/core/src/redis/script.js';
import { SCRIPTS } from '../../libs/core/src/redis/scripts.generated.js';
import { redisUrl, uniquePrefix } from '../support/redis.js';
import { COUNT, generated, PUT, type Change } from './support/small-tree.js';

interface PutArgs {
  readonly now?: number;
  readonly laneId: string;
  readonly tags: readonly string[];
  readonly seq: number;
  readonly rows: readonly string[];
}

interface SmallScripts {
  readonly put: Script<PutArgs, unknown>;
  readonly count: Script<{ now?: number }, unknown>;
}

/** Runs the generated TypeScript of the small sources. */
function smallScripts(change: Change = {}): SmallScripts {
  const { code } = transformSync(generated(change), {
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
    module: { type: 'commonjs' },
  });
  const exports = {};
  compileFunction(code, ['exports', 'require'])(exports, () => codec);
  return exports as SmallScripts;
}

describe('generated scripts', () => {
  let redis: Redis;
  beforeAll(() => {
    redis = new Redis(redisUrl());
  });
  afterAll(async () => {
    await redis.quit();
  });

  async function call<A, R>(script: Script<A, R>, key: string, args: A): Promise<R> {
    return script.decode(await redis.eval(script.source, 1, key, ...script.encode(args)));
  }

  it('bring each argument to the name that its header gives it, and each reply back', async () => {
    const { put, count } = smallScripts();
    const key = uniquePrefix('composer');
    const args = { now: 77, laneId: 'lane', tags: ['a', '', 'c'], seq: 4, rows: ['x', '1', 'y', '2'] };
    expect(await call(put, key, args)).toEqual({ code: 'OK', at: 77, tags: ['a', '', 'c'], last: null });
    expect(await redis.lrange(`${key}:n`, 0, -1)).toEqual(['x=1', 'y=2', 'lane4']);
    expect(await call(put, key, { ...args, tags: [], rows: [] })).toEqual({ code: 'EMPTY' });
    expect(await call(count, key, {})).toEqual({ code: 'OK', count: 3 });
  });

  it('take more rows than a call could have parameters', () => {
    const rows = Array.from({ length: 300_000 }, () => 'x');
    const argv = smallScripts().put.encode({ laneId: 'lane', tags: [], seq: 1, rows });
    expect(argv).toHaveLength(300_004);
  });

  it('refuse a number that Lua would read as another one, and rows that are not whole', () => {
    const { put } = smallScripts();
    const args = { laneId: 'lane', tags: [], seq: 1, rows: [] };
    expect(() => put.encode({ ...args, seq: 1.5 })).toThrow('Command put: argument "seq" is 1.5.');
    expect(() => put.encode({ ...args, now: 2 ** 53 })).toThrow('argument "now"');
    expect(() => put.encode({ ...args, rows: ['x'] })).toThrow('"rows" has 1 values. Pass rows of 2 values each.');
  });

  it.each<[string, unknown]>([
    ['a code that is not declared', ['MOVED', 1]],
    ['no list', 'OK'],
    ['an empty list', []],
    ['a missing field', ['OK', 1]],
    ['a text for a number', ['OK', 'x', []]],
    ['a fraction for an integer', ['OK', 1.5, []]],
    ['a list for a text', ['OK', 1, [], []]],
    ['a null in a list of texts', ['OK', 1, ['a', null]]],
  ])('refuse a reply with %s', (_, raw) => {
    const decode = (): unknown => smallScripts().put.decode(raw);
    expect(decode).toThrow(/^Command put replied /);
    expect(decode).toThrow(ProtocolError);
  });

  it('read integers that a client gives as text, nulls, and a list that a nil has cut short', () => {
    const { put } = smallScripts({ [PUT]: ['tags:strings', 'tags:strings?'] });
    const reply = { code: 'OK', at: 12, tags: ['a', null], last: null };
    expect(put.decode(['OK', '12', ['a', null]])).toEqual(reply);
    expect(put.decode(['OK', 12, ['a', null], 'b'])).toEqual({ ...reply, last: 'b' });
  });

  it('carry what Lua has between backquotes, dollars and backslashes', async () => {
    const { count } = smallScripts({ [COUNT]: ["redis.call('LLEN', k.names)", "#('`${x}\\\\' .. k.names)"] });
    const key = uniquePrefix();
    expect(await call(count, key, {})).toEqual({ code: 'OK', count: '`${x}\\'.length + `${key}:n`.length });
  });

  it('hold a key together wherever it stands', async () => {
    const { count } = smallScripts({
      [COUNT]: ["redis.call('LLEN', k.names)", '#k.names * 10 + #(k.names .. k.names)'],
    });
    const key = uniquePrefix();
    expect(await call(count, key, {})).toEqual({ code: 'OK', count: `${key}:n`.length * 12 });
  });

  it('let the functions of a module share its locals, in whatever order they stand', async () => {
    const { count } = smallScripts({
      [COUNT]: `-- Count.
-- @repeat read
-- @require turns
-- @reply OK count:int
return { 'OK', turns.three() * 100 + turns.LIMIT }
`,
      'lua/lib/turns.lua': `-- Turns.
local turns = {}
local turn
local taken = 0
function turns.three() return turn() + turn() + turns.LIMIT end
turn = function() taken = taken + 1; return taken end
turns.LIMIT = 3
`,
    });
    expect(await call(count, uniquePrefix(), {})).toEqual({ code: 'OK', count: 603 });
  });

  it.each(SCRIPTS.map((script) => [script.name, script] as const))(
    'load into Redis under their own sha1: %s',
    async (_, script) => {
      expect(await redis.script('LOAD', script.source)).toBe(script.sha1);
    },
  );
});
