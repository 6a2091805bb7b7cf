import { decodeDependencyResult, DependencyResults, type DependencyResult } from '../job/dependency-results.js';
import { decodeRef } from '../job/job-ref.js';
import type { QueueContext } from '../queue/queue-context.js';
import { scripts } from '../redis/index.js';

/** What came of the jobs on which one depends, about 1 MiB of it a call. @throws NoRedisError */
export async function readDependencyResults(queue: QueueContext, id: string): Promise<DependencyResults> {
  const results: DependencyResult[] = [];
  let offset = 0;
  do {
    const { rows, next } = await queue.ask(scripts.results, { id, offset });
    for (let i = 0; i < rows.length; i += 3) {
      const [ref = '', letter = '', text = ''] = rows.slice(i, i + 3);
      results.push(decodeDependencyResult(decodeRef(ref, queue.name), letter, text));
    }
    offset = next;
  } while (offset > 0);
  return new DependencyResults(queue.name, results);
}
