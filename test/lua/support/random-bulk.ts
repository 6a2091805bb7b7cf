import type { TestQueue } from './harness.js';
import type { Random } from './random.js';

/** What of the drawn calls a bulk call has a say in. */
interface Drawn {
  readonly calls: string[];
  readonly kept: Set<string>;
  readonly allowed: Map<string, number>;
}

const CHOICES = [
  ['group', 'greet:Error'],
  ['group', 'greet:E_ONE'],
  ['state', 'failed'],
  ['state', 'cancelled'],
  ['state', 'broken'],
] as const;

/** Retries or discards finished jobs of a kind, twice by the same call, and notes which those were. */
export async function randomBulk(queue: TestQueue, random: Random, drawn: Drawn): Promise<void> {
  const what = random.pick(['retry-many', 'discard'] as const);
  const [kind, value] = random.pick(CHOICES);
  const limit = random.pick([1, 2, 500]);
  const before = await queue.dump();
  const argv = [`bulk${drawn.calls.length}`, 1, kind, value, 0, '', limit];
  const reply = JSON.stringify(await queue.raw(what, ...argv));
  drawn.calls.push(`${what} ${kind} ${value} ${limit} ${reply}`);
  const again = JSON.stringify(await queue.raw(what, ...argv));
  if (again !== reply) throw new Error(`${what} sent again was answered otherwise`);
  const left = new Set(Object.keys((await queue.dump())['o'] ?? {}));
  for (const id of Object.keys(before['o'] ?? {})) {
    if (left.has(id)) continue;
    const allowed = drawn.allowed.get(id);
    if (what === 'discard') drawn.kept.delete(id);
    else if (allowed !== undefined) drawn.allowed.set(id, allowed + 1);
  }
}
