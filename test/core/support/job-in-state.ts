import { type AnyJobs, type ActiveJob, batch, type JobState, type Queue, UnrecoverableError } from '@millrace/core';
import { rawCommand } from '../../support/redis-client.ts';
import { waitFor } from '../../support/wait-for.ts';
import type { Harness } from './harness.ts';

/** Brings a job of queue `mail` into a state, and leaves no worker behind unless the job runs. */
export async function jobInState(harness: Harness, queue: Queue<AnyJobs>, state: JobState, id: string): Promise<void> {
  if (state === 'waiting') return void (await queue.add('first', 'old', { id }));
  if (state === 'delayed') return void (await queue.add('first', 'old', { id, delayMs: 3_600_000 }));
  if (state === 'blocked') {
    await queue.add('first', 'old', { id: `before-${id}`, delayMs: 3_600_000 });
    await queue.add('first', 'old', { id, dependsOn: [`before-${id}`], onDependencyFailure: 'block' });
    return void (await queue.remove(`before-${id}`));
  }
  if (state === 'cancelled') {
    await queue.add('first', 'old', { id });
    return void (await queue.cancel(id));
  }
  await queue.add('first', 'old', {
    id,
    backoff: { type: 'fixed', delayMs: 3_600_000 },
    ...(state === 'timed_out' ? { timeoutMs: 1, maxAttempts: 1 } : {}),
  });
  if (state === 'broken') await truncatePayload(harness, id);
  const later = batch({ graceMs: 3_600_000 }, () => undefined);
  const handler = state === 'aggregating' ? later : (job: ActiveJob): unknown => endIn(state, job.signal);
  const worker = await harness.worker({ handler });
  await waitFor(`the job to be ${state}`, async () => (await queue.get(id))?.state === state);
  if (state !== 'active') await worker.stop();
}

function endIn(state: JobState, signal: AbortSignal): unknown {
  if (state === 'completed') return 'done';
  if (state === 'failed') throw new UnrecoverableError('no');
  if (state === 'retrying') throw new Error('not yet');
  return new Promise((resolve) => signal.addEventListener('abort', resolve));
}

async function truncatePayload(harness: Harness, id: string): Promise<void> {
  const port = Number(new URL(harness.url).port);
  const key = `${harness.prefix}:{mail}:j`;
  const reply = await rawCommand(port, ['HGET', key, id]);
  const envelope = reply.slice(reply.indexOf('\r\n') + 2, -2);
  await rawCommand(port, ['HSET', key, id, envelope.slice(0, -2)]);
}
