/** Cancels one job and says what became of it. */
import { connect, Queue, silentLogger } from '@millrace/core';

const [url = '', prefix = '', id = ''] = process.argv.slice(2);
const connection = await connect(url, { prefix, logger: silentLogger });
const queue = new Queue('mail', { connection });
const [outcome] = await queue.cancel(id);
process.send?.({ type: 'cancelled', outcome });
await queue.close();
await connection.close();
