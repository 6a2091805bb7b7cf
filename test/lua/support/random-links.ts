import { link } from '../../../libs/core/src/redis/scripts.generated.js';
import type { TestQueue } from './harness.js';
import type { Random } from './random.js';

/** Makes a job depend on others, or no more, and sends the call again. A failed one blocks nobody: the queue is to run dry. */
export async function randomLink(
  queue: TestQueue,
  random: Random,
  [id = '', ...jobs]: readonly string[],
  calls: string[],
): Promise<void> {
  const others = jobs.filter((job) => job !== id);
  const on = others.length === 0 ? 2 : random.int(3);
  const call = { ...queue.lane(), id, on, policy: random.pick(['', 'f', 'c', 'r', 'd']), jobs: others };
  const [reply, again] = await queue.twice(link, call);
  calls.push(`link ${id} ${on} ${call.policy} ${others.join(',')} ${JSON.stringify(reply)}`);
  if (JSON.stringify(reply) !== JSON.stringify(again)) throw new Error('a link sent again was answered otherwise');
}
