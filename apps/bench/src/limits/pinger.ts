/** A thread that asks Redis for nothing but an answer: what its times say is not how busy the workers' process is. */
import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';

import { Redis } from 'ioredis';

import { probe } from './scene.js';

const redis = new Redis({ host: '127.0.0.1', port: workerData as number });
await redis.ping();
const stop = probe(() => redis.ping());
const isOver = once(parentPort!, 'message');
parentPort!.postMessage('begun');
await isOver;
parentPort!.postMessage(await stop());
redis.disconnect();
