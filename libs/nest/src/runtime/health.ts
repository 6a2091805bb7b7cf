import type { Worker } from '@millrace/core';

import type { JobsHealth } from '../interfaces/description.interface.js';
import type { JobsRoot } from '../registration/jobs-root.js';

/** How a root is doing. */
export function healthOf({ name, connection, options }: JobsRoot, workers: ReadonlyMap<string, Worker>): JobsHealth {
  const { description, state, embedded } = connection;
  const isChosen = !embedded || options.connection !== undefined;
  return {
    root: name,
    status: state !== 'ready' ? 'down' : isChosen ? 'up' : 'degraded',
    connection: { description, state, embedded },
    workers: [...workers].map(([queue, worker]) => ({ queue, health: worker.health() })),
  };
}
