import { rmSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';

/** What a worker process says of itself. */
export interface ProcessStatus {
  readonly pid: number;
  readonly uptimeMs: number;
  readonly rssMb: number;
  /** What its worker says. */
  readonly health: unknown;
  /** The processes that it looks after, if it does. */
  readonly processes?: readonly ProcessStatus[];
}

const BYTES_PER_MB = 1_048_576;
const ANSWER_MS = 3_000;

/** This process, and what its worker says. */
export function statusOf(health: unknown, processes?: readonly ProcessStatus[]): ProcessStatus {
  return {
    pid: process.pid,
    uptimeMs: Math.round(process.uptime() * 1_000),
    rssMb: Math.round(process.memoryUsage.rss() / BYTES_PER_MB),
    health,
    ...(processes === undefined ? {} : { processes }),
  };
}

/** Where a process answers that has this pid file. */
export function socketOf(pidFile: string): string {
  return `${pidFile}.sock`;
}

/**
 * Answers whoever connects, and hangs up.
 *
 * @returns ends it
 */
export async function serveStatus(path: string, status: () => Promise<ProcessStatus>): Promise<() => void> {
  // The pid file is ours by now: what a dead process left here is in the way.
  rmSync(path, { force: true });
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    status().then(
      (told) => socket.end(JSON.stringify(told)),
      () => socket.destroy(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path, readableAll: false, writableAll: false }, () => resolve());
  });
  server.unref();
  return () => {
    server.close();
    rmSync(path, { force: true });
  };
}

/** What a process says of itself; `undefined` if it does not answer. */
export function askStatus(path: string): Promise<ProcessStatus | undefined> {
  return new Promise((resolve) => {
    let text = '';
    const socket = createConnection({ path });
    socket.setTimeout(ANSWER_MS, () => socket.destroy());
    socket.on('data', (chunk) => (text += chunk.toString()));
    socket.on('error', () => resolve(undefined));
    socket.on('close', () => {
      try {
        resolve(JSON.parse(text) as ProcessStatus);
      } catch {
        resolve(undefined);
      }
    });
  });
}
