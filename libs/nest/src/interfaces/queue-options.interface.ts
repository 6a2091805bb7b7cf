import type { JobDefaults, QueueOptions } from '@millrace/core';

/** Something that names a queue: its name, or a contract made by `defineQueue()`. */
export type QueueIdentity = string | { readonly name: string; readonly jobs: object };

/** What can be said about a queue where it is registered. */
export interface QueueSettings {
  /** Options of the queue's jobs where neither `add()` nor their handler says otherwise. */
  readonly defaults?: JobDefaults | undefined;
  /** Queues of one slot can be changed together, in a Cluster too. Part of the queue's identity. */
  readonly slot?: string | undefined;
  /** What is agreed of jobs by their names, as a contract has it: `add()` and handlers check data against the schemas. */
  readonly jobs?: QueueOptions['jobs'];
  /** The largest payload, in bytes of JSON. @default 1048576 */
  readonly maxPayloadBytes?: number | undefined;
}

/** A queue to register. */
export interface QueueRegistration extends QueueSettings {
  readonly name: string;
  /** The name given to `forRoot({ name })`. @default the unnamed root */
  readonly root?: string | undefined;
}

/** What `forRoot({ queues })` takes: the root is its own. */
export type RootQueue = QueueIdentity | Omit<QueueRegistration, 'root'>;

/** What `registerQueue()` takes: a name, a contract, or a name with settings. */
export type QueueInput = QueueIdentity | QueueRegistration;

/** Makes the settings of queues: for `registerQueueAsync({ useClass })` and `useExisting`. */
export interface QueueSettingsFactory {
  createQueueSettings(name: string): QueueSettings | Promise<QueueSettings>;
}
