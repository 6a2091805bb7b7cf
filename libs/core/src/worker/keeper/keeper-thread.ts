import { parentPort, workerData } from 'node:worker_threads';

import { SystemClock } from '../../clock/index.js';
import { connectAsKeeper } from '../../redis/index.js';
import { sharedMonotonicMs } from '../permit.js';
import { Heartbeat } from './heartbeat.js';
import { LeaseKeeper } from './lease-keeper.js';
import type { FromKeeper, KeeperReady, KeeperStart, ToKeeper } from './messages.js';

/** The thread of the lease keeper: a connection of its own, and no code of the application. */
function start(port: NonNullable<typeof parentPort>, { connection: description, heartbeat }: KeeperStart): void {
  const connection = connectAsKeeper(description);
  const clock = new SystemClock();
  const keeper = new LeaseKeeper({
    scripts: connection.scripts,
    clock,
    clocks: { monotonic: sharedMonotonicMs, now: () => clock.now() },
    heartbeat: new Heartbeat(heartbeat),
    tell: (message: FromKeeper) => port.postMessage(message),
  });
  port.on('message', (message: ToKeeper) => {
    switch (message.type) {
      case 'keep':
        return keeper.keep(message);
      case 'forget':
        return keeper.forget(message.number);
      case 'look':
        return keeper.look(message.number);
      case 'close':
        keeper.stop();
        port.close();
        return void connection.close();
    }
  });
  port.postMessage({ type: 'ready' } satisfies KeeperReady);
}

if (parentPort !== null) start(parentPort, workerData as KeeperStart);
