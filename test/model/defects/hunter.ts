/** A process that hunts defects, one after the other, on a Redis of its own: an order comes as a message, and so goes the answer. */
import { Redis } from 'ioredis';

import { RedisServer } from '../../support/redis-server.js';
import { DEFECTS } from './defects.js';
import { hunt } from './hunt.js';
import type { Order } from './hunters.js';

const server = await RedisServer.start();
const redis = new Redis(server.url);

process.on('message', ({ name, ...how }: Order) => {
  const defect = DEFECTS.find((each) => each.name === name);
  if (defect === undefined) throw new Error(`there is no defect "${name}"`);
  void hunt(redis, defect, how).then((hunted) => process.send?.(hunted));
});
process.on('disconnect', () => void redis.quit().then(() => server.stop()));
process.send?.('ready');
