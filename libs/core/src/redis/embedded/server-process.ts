import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';

import { socketPath } from './data-directory.js';

/** Every write goes to the append-only file; what the last second wrote may be lost when the machine loses power. */
export function serverCommand(binary: string, dir: string, socket: string, log: string): readonly string[] {
  const options = {
    '--port': '0',
    '--unixsocket': socket,
    '--unixsocketperm': '700',
    '--dir': dir,
    '--appendonly': 'yes',
    '--appendfsync': 'everysec',
    '--save': '',
    '--logfile': log,
  };
  return [binary, ...Object.entries(options).flat()];
}

/** Where the server of a directory listens, or would. */
export async function recordedSocket(dir: string): Promise<string> {
  const recorded = await readFile(join(dir, 'socket'), 'utf8').catch(() => '');
  return recorded === '' ? socketPath(dir) : recorded;
}

/** Writes down where the server is going to listen: another process may have another directory for temporary files. */
export async function recordSocket(dir: string): Promise<string> {
  const socket = await socketPath(dir);
  await writeFile(join(dir, 'socket'), socket);
  return socket;
}

/** Whether a server listens there. */
export function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(socket);
    const settle = (isServed: boolean): void => {
      probe.destroy();
      resolve(isServed);
    };
    probe.once('connect', () => settle(true));
    probe.once('error', () => settle(false));
  });
}

/** The last thing that a server said, which is why it ended. */
export async function lastLogLine(log: string): Promise<string> {
  const text = await readFile(log, 'utf8').catch(() => '');
  return text.trim().split('\n').at(-1) || 'it said nothing';
}
