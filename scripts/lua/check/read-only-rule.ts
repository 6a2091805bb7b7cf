import type { Node } from 'luaparse';

import type { Problems } from '../source/problems.js';
import { redisCall, type Facts, type World } from './facts.js';
import { isFree, memberOf, walk } from '../source/syntax.js';

/** Commands that change data or tell others something. PUBLISH is one: `no-writes` lets it pass, but a read is silent. */
const WRITES = new Set(
  (
    'APPEND BITFIELD BITOP BLMOVE BLPOP BRPOP COPY DECR DECRBY DEL EXPIRE EXPIREAT FLUSHALL FLUSHDB GEOADD GETDEL GETEX ' +
    'GETSET HDEL HEXPIRE HINCRBY HINCRBYFLOAT HMSET HPERSIST HPEXPIRE HSET HSETNX INCR INCRBY INCRBYFLOAT LINSERT LMOVE ' +
    'LMPOP LPOP LPUSH LPUSHX LREM LSET LTRIM MOVE MSET MSETNX PERSIST PEXPIRE PEXPIREAT PFADD PFMERGE PSETEX PUBLISH ' +
    'RENAME RENAMENX RESTORE RPOP RPOPLPUSH RPUSH RPUSHX SADD SDIFFSTORE SET SETBIT SETEX SETNX SETRANGE SINTERSTORE ' +
    'SMOVE SORT SPOP SPUBLISH SREM SUNIONSTORE SWAPDB TOUCH UNLINK XACK XADD XAUTOCLAIM XCLAIM XDEL XGROUP XREADGROUP ' +
    'XSETID XTRIM ZADD ZDIFFSTORE ZINCRBY ZINTERSTORE ZMPOP ZPOPMAX ZPOPMIN ZRANGESTORE ZREM ZREMRANGEBYLEX ' +
    'ZREMRANGEBYRANK ZREMRANGEBYSCORE ZUNIONSTORE'
  ).split(' '),
);

/**
 * A `@repeat read` command writes nothing, nor does any function that it can reach. Redis would refuse the write, but
 * only when that line runs.
 */
export function checkReadOnly(command: Facts, world: World, problems: Problems): void {
  if (command.file.header.repeat !== 'read') return;
  const seen = new Set<string>();
  visit(command, command.file.chunk, '');

  function visit(facts: Facts, root: Node, route: string): void {
    walk(root, (node) => {
      const call = redisCall(node);
      if (call?.command !== undefined && WRITES.has(call.command)) {
        const { path } = facts.file;
        const how = route === '' ? '' : ` ${command.file.path} reaches it through ${route}.`;
        problems.add(
          path,
          call.line,
          `${call.command} in a reading command.${how} Remove the write, or change @repeat.`,
        );
      }
      const member = memberOf(node);
      if (member !== undefined) follow(member.base.name, member.name, isFree(member.base) ? world : own(facts));
    });
  }

  function follow(base: string, name: string, { modules }: Pick<World, 'modules'>): void {
    const module = modules.get(base);
    const target = module?.exports.get(name);
    const route = `${base}.${name}`;
    if (module === undefined || target === undefined || seen.has(route)) return;
    seen.add(route);
    visit(module, target, route);
  }
}

/** Within a module its own table is a local: only that name leads anywhere. */
function own(facts: Facts): Pick<World, 'modules'> {
  return { modules: facts.file.kind === 'module' ? new Map([[facts.file.identifier, facts]]) : new Map() };
}
