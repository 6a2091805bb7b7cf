import { errorKind, toError } from '../errors/index.js';
import { readHistory } from '../queue/history.js';
import type { QueueContext } from '../queue/queue-context.js';

/**
 * How many attempts of a job ended by the same kind of error and were followed by another, since it was last retried by hand.
 * None where it cannot be read: then the job is tried once more than it should be, at worst.
 */
export async function countSameKind(context: QueueContext, id: string, thrown: unknown): Promise<number> {
  try {
    const history = await readHistory(context, id);
    const since = history.findLastIndex(({ type }) => type === 'retried') + 1;
    const wanted = errorKind(toError(thrown));
    const isSame = (type: string, kind?: string): boolean => /^(retrying|uncounted)$/.test(type) && kind === wanted;
    return history.slice(since).filter(({ type, kind }) => isSame(type, kind)).length;
  } catch {
    return 0;
  }
}
