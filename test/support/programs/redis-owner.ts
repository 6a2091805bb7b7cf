/** Starts a Redis server, says where, and waits to be killed. */
import { RedisServer } from '../redis-server.ts';
import { bulkStrings } from '../redis-client.ts';

const server = await RedisServer.start();
const [, folder] = bulkStrings(await server.command('CONFIG', 'GET', 'dir'));
process.send?.({ pid: server.pid, folder });
process.on('message', () => undefined);
