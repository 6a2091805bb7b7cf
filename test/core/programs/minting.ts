/** Adds jobs to a queue and tells their ids. */
import { connect, Queue, silentLogger } from '@millrace/core';

const [url = '', prefix = ''] = process.argv.slice(2);
const connection = await connect(url, { prefix, logger: silentLogger });
const queue = new Queue('mail', { connection });
const jobs = await queue.addMany(Array.from({ length: 100 }, () => ({ name: 'welcome', data: 1 })));
await queue.close();
await connection.close();
process.send?.({ ids: jobs.map(({ id }) => id) }, () => process.disconnect());
