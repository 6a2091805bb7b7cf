import type { Node } from 'luaparse';

import type { ComposedCommand } from '../compose/compose.js';
import type { Problems } from '../source/problems.js';
import { walk } from '../source/syntax.js';
import { redisCall } from './facts.js';

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
export function checkReadOnly({ command, units }: ComposedCommand, problems: Problems): void {
  if (command.header.repeat !== 'read') return;
  check(command.chunk, command.path, 'Remove the write, or change @repeat.');
  for (const { module, statement } of units) {
    check(statement, module.path, `${command.path} can reach it: let it call something that only reads.`);
  }

  function check(root: Node, path: string, advice: string): void {
    walk(root, (node) => {
      const call = redisCall(node);
      if (call?.command === undefined || !WRITES.has(call.command)) return;
      problems.add(path, call.line, `${call.command} in a reading command. ${advice}`);
    });
  }
}
