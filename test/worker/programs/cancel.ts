/** Cancels one job, waiting for its worker if that is asked, and says what became of it. */
import { connect, Queue, silentLogger } from '@millrace/core';

const [url = '', prefix = '', id = '', waitMs = '0'] = process.argv.slice(2);
const connection = await connect(url, { prefix, logger: silentLogger });
const queue = new Queue('mail', { connection });
const [outcome] = await queue.cancel(id, { waitMs: Number(waitMs) });
process.send?.({ type: 'cancelled', outcome });
await queue.close();
await connection.close();
