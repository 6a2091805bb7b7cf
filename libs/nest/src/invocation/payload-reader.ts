import type { ActiveJob } from '@millrace/core';

import { isBatch, type JobSubject } from './job-subject.js';

/** Jobs whose payload went into the pipes of their handler. */
const read = new WeakSet<JobSubject>();

/** Gives Nest's context creator the value of a `@JobData()` parameter. */
export const payloadReader = Object.freeze({
  exchangeKeyForValue(_type: unknown, field: unknown, [subject]: [JobSubject]): unknown {
    read.add(subject);
    return isBatch(subject) ? subject.map((job) => readOf(job, field)) : readOf(subject, field);
  },
});

function readOf(job: ActiveJob, field: unknown): unknown {
  if (typeof field !== 'string') return job.data;
  const data: unknown = job.data;
  return typeof data === 'object' && data !== null ? (data as Record<string, unknown>)[field] : undefined;
}

/** Whether the payload of a job went into the pipes: from then on a refusal is about the payload. */
export function wasPayloadRead(subject: JobSubject): boolean {
  return read.has(subject);
}
