import type { ActiveJob } from '@millrace/core';

/** Jobs whose payload went into the pipes of their handler. */
const read = new WeakSet<ActiveJob>();

/** Gives Nest's context creator the value of a `@JobData()` parameter. */
export const payloadReader = Object.freeze({
  exchangeKeyForValue(_type: unknown, field: unknown, [job]: [ActiveJob]): unknown {
    read.add(job);
    if (typeof field !== 'string') return job.data;
    const data: unknown = job.data;
    return typeof data === 'object' && data !== null ? (data as Record<string, unknown>)[field] : undefined;
  },
});

/** Whether the payload of a job went into the pipes: from then on a refusal is about the payload. */
export function wasPayloadRead(job: ActiveJob): boolean {
  return read.has(job);
}
