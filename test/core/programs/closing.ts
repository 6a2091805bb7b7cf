/** Opens a connection, closes it once it has the status that was asked for, and has no other reason to stay alive. */
import { connect, silentLogger } from '@millrace/core';
import { waitFor } from '../../support/wait-for.ts';

const [url = '', status = '', prefix = ''] = process.argv.slice(2);
const settings = { prefix, logger: silentLogger, waitUntilReady: false, closeTimeoutMs: 300 };
const connection = await connect(url, settings);
await waitFor(`the status ${status}`, () => connection.client.status === status);
await connection.close();
console.log('closed');
process.channel?.unref();
