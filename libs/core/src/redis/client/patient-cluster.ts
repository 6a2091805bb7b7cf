import { Cluster } from 'ioredis';

/**
 * A client for a Cluster that waits while a slot moves. Then the old master has some keys of the slot and the new one the
 * others, and for a key that the old one lacks it answers ASK: ask the new one, this time. A script that did so would find
 * half of its queue there, or none of it, and write what is missing a second time. No command names a key that exists, so
 * that the old master runs none of them either: until the slot has moved, the queue stands still.
 */
export class PatientCluster extends Cluster {
  override handleError(...[error, ttl, handlers]: Parameters<Cluster['handleError']>): void {
    super.handleError(error.message.startsWith('ASK ') ? tryAgain(error) : error, ttl, handlers);
  }
}

/** Such an answer has the command sent again a little later, to the master of the slot as it is then. */
function tryAgain(asked: Error): Error {
  return Object.assign(new Error(`TRYAGAIN ${asked.message}`), { name: asked.name });
}
