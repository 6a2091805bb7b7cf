import type { Peer } from './peer.js';

export type { Peer } from './peer.js';

/** The peers by name; each module is loaded only in the process that measures it. */
export const PEERS = Object.freeze({
  millrace: async (): Promise<Peer> => new (await import('./millrace.js')).Millrace(),
  bullmq: async (): Promise<Peer> => new (await import('./bullmq.js')).BullMq(),
});

export type PeerName = keyof typeof PEERS;
