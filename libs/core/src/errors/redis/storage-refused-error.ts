import { JobsError } from '../jobs-error.js';

const REMEDIES: Readonly<Record<string, string>> = {
  OOM: 'Redis is out of memory: raise maxmemory, or keep fewer finished jobs.',
  READONLY: 'This server is a read-only replica: connect to the primary.',
  MISCONF: 'Redis cannot save to its disk and refuses writes: free space, or look at its log.',
  NOREPLICAS: 'Too few replicas are connected (min-replicas-to-write).',
  NOPERM: 'The Redis user lacks a permission: look at its ACL.',
  LOADING: 'Redis still loads its data: try again shortly.',
  CLUSTERDOWN: 'The Redis Cluster is down: look at cluster info.',
};

/** Redis refused the change (code `STORAGE_REFUSED`). It is a definite no: nothing was written. */
export class StorageRefusedError extends JobsError {
  static {
    this.prototype.name = 'StorageRefusedError';
  }

  readonly queue: string;
  /** The first word of what Redis said: `OOM`, `READONLY`. */
  readonly reason: string;

  /** @param command what was called: `add` */
  constructor(queue: string, command: string, reason: string, options?: ErrorOptions) {
    super(
      'STORAGE_REFUSED',
      `Redis refused ${command} on queue "${queue}" (${reason}); nothing was written. ${REMEDIES[reason] ?? 'The cause has what Redis said.'}`,
      options,
    );
    this.queue = queue;
    this.reason = reason;
  }

  static override is(value: unknown): value is StorageRefusedError {
    return JobsError.is(value, 'STORAGE_REFUSED');
  }
}
