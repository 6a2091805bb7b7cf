import type { Job, Queue } from '../../../libs/nest/src/index.js';
import { waitFor } from '../../support/wait-for.ts';

const LIVE = ['waiting', 'active', 'retrying', 'delayed'];

/** Waits until a job has ended, however it ended. */
export function finished(queue: Queue, id: string, timeoutMs?: number): Promise<Job> {
  const options = timeoutMs === undefined ? {} : { timeoutMs };
  return waitFor(
    `the end of job ${id}`,
    async () => {
      const job = await queue.get(id);
      return job !== undefined && !LIVE.includes(job.state) ? job : undefined;
    },
    options,
  );
}

/** Adds a job and waits until it has ended. */
export async function runJob(queue: Queue, name: string, data: unknown = {}): Promise<Job> {
  const { id } = await queue.add(name, data);
  return finished(queue, id);
}
