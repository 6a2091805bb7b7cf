import { parseArgs } from 'node:util';

/** With what the tests are to run. What is left out is what the repository has. */
export interface MatrixArguments {
  /** A version of Node that the package `node` has: `22`, `24.21.0`. */
  readonly node: string | undefined;
  readonly ioredis: string | undefined;
  readonly nest: string | undefined;
  /** `redis/<suite>` or `valkey/<suite>` of Debian, or the path of a server. */
  readonly server: string | undefined;
  /** Parts of the paths of the test files to run. Empty: all. */
  readonly only: readonly string[];
  /** Leaves the copy of the tree where it is. */
  readonly keep: boolean;
}

/** A command line that cannot be understood. The message says why. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const USAGE =
  'Usage: npm run matrix -- [--node 22] [--ioredis 5] [--nest 11] [--server valkey/sid|redis/sid|PATH] [--only test/lua]… [--keep]';

const VERSION = /^\d+(\.\d+){0,2}$/;
const SERVER = /^((redis|valkey)\/[a-z-]+|\/.+)$/;

/** @throws UsageError */
export function readArguments(args: readonly string[]): MatrixArguments {
  const { node, ioredis, nest, server, only = [], keep = false } = parse(args);
  for (const [name, value] of Object.entries({ node, ioredis, nest })) {
    if (value !== undefined && !VERSION.test(value)) throw new UsageError(`--${name} takes a version, not "${value}".`);
  }
  if (server !== undefined && !SERVER.test(server)) {
    throw new UsageError(`--server takes redis/SUITE, valkey/SUITE or an absolute path, not "${server}".`);
  }
  return { node, ioredis, nest, server, only, keep };
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const options = {
    node: text,
    ioredis: text,
    nest: text,
    server: text,
    only: { type: 'string', multiple: true },
    keep: { type: 'boolean' },
  } as const;
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
