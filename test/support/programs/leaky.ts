/**
 * Leaves one of everything that the leak check looks for, beside a connection that was left before, and reports what it
 * says before and after.
 */
import { spawn } from 'node:child_process';
import { Worker } from 'node:worker_threads';
import { Redis } from 'ioredis';
import { findLeaks, liveResources, takeBaseline } from '../leak-check.ts';
import { RedisServer } from '../redis-server.ts';
import { waitFor } from '../wait-for.ts';

const server = await RedisServer.start();
await waitFor('the sockets of the start to be closed', () => !liveResources().has('TCPSocketWrap'));
const earlier = new Redis(server.url);
await earlier.ping();
const before = await takeBaseline(server.port);
const clean = await findLeaks(before, server.port, 1_000);

const client = new Redis(server.url);
await client.mset('orders', '1', 'test-mine', '1');
const timer = setTimeout(() => undefined, 60_000);
const thread = new Worker('setInterval(() => undefined, 1000)', { eval: true });
const child = spawn('sleep', ['60']);
const leaks = await findLeaks(before, server.port, 200);

clearTimeout(timer);
child.kill();
await thread.terminate();
client.disconnect();
earlier.disconnect();
await server.stop();
process.send?.({ clean, leaks });
