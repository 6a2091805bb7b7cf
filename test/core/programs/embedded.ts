/** Connects as its environment says, reports how that went, and does what its parent asks. */
import { connect, silentLogger, type Connection } from '@millrace/core';

const warnings: string[] = [];
const logger = { ...silentLogger, warn: (message: string) => void warnings.push(message) };
const [dir] = process.argv.slice(2);

function open(): Promise<Connection> {
  return connect(dir === undefined ? undefined : { embedded: { dir } }, { logger, connectTimeoutMs: 5_000 });
}

if (process.argv.includes('--on-message')) {
  process.send?.({ type: 'waiting' });
  await new Promise((resolve) => process.once('message', resolve));
}
try {
  const connection = await open();
  const info = await connection.client.info('server');
  const pid = Number(/process_id:(\d+)/.exec(info)?.[1]);
  process.on('message', ({ set, close }: { set?: string; close?: boolean }) => {
    if (set !== undefined) void connection.client.set('kept', set).then(() => process.send?.({ type: 'set' }));
    if (close === true) void connection.close().then(() => process.exit(0));
  });
  process.send?.({ type: 'connected', pid, warnings, description: connection.description });
} catch (error) {
  const { code, message } = error as Error & { code?: string };
  process.send?.({ type: 'refused', code, message, warnings });
  process.channel?.unref();
}
