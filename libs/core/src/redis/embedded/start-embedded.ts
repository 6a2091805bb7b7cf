import { resolve } from 'node:path';

import { InvalidOptionError, JobsError, NoEmbeddedError } from '../../errors/index.js';
import { fieldTable, readFields } from '../../options/index.js';
import { defaultDirectory, openDirectory } from './data-directory.js';
import type { EmbeddedOptions } from './embedded-options.js';
import { EmbeddedServer, type StartSettings } from './embedded-server.js';

interface Shared {
  readonly server: EmbeddedServer;
  readonly started: Promise<void>;
  users: number;
}

/** A connection's share in the server of a directory. */
export interface EmbeddedShare {
  readonly dir: string;
  readonly socket: string;
  /** To be called when the connection to it was lost: starts it again if it has ended. */
  ensureRunning(): void;
  /** The last share of the process lets go of the server. */
  release(): Promise<void>;
}

const shared = new Map<string, Shared>();

const FIELDS = fieldTable<EmbeddedOptions>({
  dir: (value, path, where) => {
    if (typeof value === 'string' && value !== '') return value;
    throw new InvalidOptionError({ where, path, value, expected: 'the path of a directory' });
  },
});

/**
 * Joins or starts the server of a directory; connections of one process share it.
 *
 * @throws NoEmbeddedError, InvalidOptionError, UnknownOptionError
 */
export async function startEmbedded(options: EmbeddedOptions, settings: StartSettings): Promise<EmbeddedShare> {
  if (process.platform === 'win32') {
    throw new NoEmbeddedError('there is none on Windows, where Redis runs in WSL or in a container');
  }
  const { dir } = readFields(options, FIELDS, 'connect()', 'embedded');
  const path = dir === undefined ? defaultDirectory(process.env, process.cwd()) : resolve(dir);
  try {
    return await share(await openDirectory(path), settings);
  } catch (error) {
    throw JobsError.is(error)
      ? error
      : new NoEmbeddedError(
          `${(error as Error).message} (MILLRACE_EMBEDDED_DIR names another directory than ${path})`,
          { cause: error },
        );
  }
}

async function share(dir: string, settings: StartSettings): Promise<EmbeddedShare> {
  const entry = shared.get(dir) ?? launch(dir, settings);
  entry.users++;
  const release = async (): Promise<void> => {
    entry.users--;
    if (entry.users > 0) return;
    if (shared.get(dir) === entry) shared.delete(dir);
    await entry.server.release();
  };
  try {
    await entry.started;
  } catch (error) {
    await release();
    throw error;
  }
  const { server } = entry;
  return { dir, socket: server.socket, ensureRunning: () => server.ensureRunning(), release };
}

function launch(dir: string, settings: StartSettings): Shared {
  const server = new EmbeddedServer(dir, settings);
  const entry: Shared = { server, started: server.start(), users: 0 };
  shared.set(dir, entry);
  return entry;
}
