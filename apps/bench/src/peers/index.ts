import type { Feature } from '../scenarios/scenario.js';
import type { Peer } from './peer.js';

export type { Peer, Setup } from './peer.js';

/** What the harness knows of a library before it loads it. */
export interface PeerEntry {
  /** The package whose version is told. */
  readonly package: string;
  /** What it has not: scenarios that need it are without this peer. */
  readonly cannot: readonly Feature[];
  /** Loads its module, in the process that measures it and in no other. */
  readonly load: () => Promise<Peer>;
  /** The same as a part of a NestJS application. */
  readonly loadInNest?: () => Promise<Peer>;
}

/** Millrace and its peers by name. */
export const PEERS = Object.freeze({
  millrace: {
    package: '@millrace/core',
    cannot: [],
    load: async () => new (await import('./millrace.js')).Millrace(),
    loadInNest: async () => new (await import('./nest/millrace.js')).MillraceInNest(),
  },
  bullmq: {
    package: 'bullmq',
    cannot: [],
    load: async () => new (await import('./bullmq.js')).BullMq(),
    loadInNest: async () => new (await import('./nest/bullmq.js')).BullMqInNest(),
  },
  'bee-queue': {
    package: 'bee-queue',
    cannot: ['priorities', 'NestJS'],
    load: async () => new (await import('./bee-queue.js')).BeeQueue(),
  },
  groupmq: {
    package: 'groupmq',
    cannot: ['priorities', 'NestJS'],
    load: async () => new (await import('./groupmq.js')).GroupMq(),
  },
} as const satisfies Record<string, PeerEntry>);

export type PeerName = keyof typeof PEERS;

/** Peers that cannot be measured here, and why. */
export const ABSENT: Readonly<Record<string, string>> = Object.freeze({
  'glide-mq': 'glide-mq is left out: the npm registry has neither it nor the client that it needs.',
});
