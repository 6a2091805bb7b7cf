import type { Expression } from 'luaparse';

import type { Problems } from '../source/problems.js';
import type { Facts, RedisCall } from './facts.js';
import { literalText } from '../source/syntax.js';

/** Commands whose key is not the first value. The number is its place; XREAD has its keys after the word STREAMS. */
const KEY_PLACE: Readonly<Record<string, number>> = { XINFO: 1, XGROUP: 1, OBJECT: 1, MEMORY: 1 };

/** Every call names its command, and takes its key from `k` and never from a literal: a literal key is in no hash tag. */
export function checkRedisCalls({ file, calls }: Facts, problems: Problems): void {
  for (const call of calls) {
    if (call.command === undefined) {
      problems.add(
        file.path,
        call.line,
        'redis.call with a computed command. Write its name as a literal, one call a command.',
      );
    } else if (beginsWithLiteral(keyOf(call))) {
      problems.add(
        file.path,
        call.line,
        `${call.command} on a literal key. Declare the key with @key and write k.name.`,
      );
    }
  }
}

function keyOf({ command = '', args }: RedisCall): Expression | undefined {
  if (command !== 'XREAD') return args[KEY_PLACE[command] ?? 0];
  const streams = args.findIndex((value) => literalText(value)?.toUpperCase() === 'STREAMS');
  return args[streams + 1];
}

function beginsWithLiteral(value: Expression | undefined): boolean {
  if (value?.type === 'BinaryExpression' && value.operator === '..') return beginsWithLiteral(value.left);
  return value?.type === 'StringLiteral' || value?.type === 'NumericLiteral';
}
