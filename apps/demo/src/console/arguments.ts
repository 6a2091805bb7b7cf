import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

/** What the command line asks for. */
export interface Arguments {
  /** True: audit {@link folder}, print the table, end. False: serve. */
  readonly once: boolean;
  /** The folder to audit, or to propose in the page; absolute. */
  readonly folder: string;
  readonly port: number;
}

/** A command line that cannot be understood. The message says why and how it is used. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const USAGE = `Usage: npm run demo -- [--once] [folder] [--port number]
  folder   what to audit: a folder with a node_modules in it (default: this repository)
  --once   audit it, print a table, and end
  --port   where to serve (default: 3000, or PORT)`;

/**
 * @param places.here the folder that a relative `folder` starts from.
 * @param places.project the folder that is meant when none is given.
 * @throws UsageError for an unknown option, a second folder, or a port that is none.
 */
export function parseArguments(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  places: { readonly here: string; readonly project: string },
): Arguments {
  const { values, positionals } = parse(args);
  if (positionals.length > 1) throw new UsageError(`One folder at a time: ${positionals.join(' ')}\n\n${USAGE}`);
  const [folder] = positionals;
  return {
    once: values.once ?? false,
    folder: folder === undefined ? places.project : resolve(places.here, folder),
    port: portOf(values.port ?? env['PORT'] ?? '3000'),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: { once: { type: 'boolean' }, port: { type: 'string' } },
      allowPositionals: true,
    });
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${USAGE}`);
  }
}

/** 0 lets the system choose. */
function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new UsageError(`"${text}" is no port: it must be a whole number from 0 to 65535.\n\n${USAGE}`);
}
