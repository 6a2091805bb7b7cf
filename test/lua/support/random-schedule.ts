import { dueSchedules, getSchedules } from '../../../libs/core/src/redis/scripts.generated.js';
import type { TestQueue } from './harness.js';
import { define, fire, type Firing } from './lua-schedule.js';
import type { Random } from './random.js';

const EVERY_MS = 30;
const JOBS: readonly Pick<Firing, 'how' | 'sketch'>[] = [
  { how: 'ck,m50' },
  { how: 'ck,m50,p5', sketch: { fields: 'p5' } },
  { how: 'ck,m50\nt\tnight', sketch: { fields: 'k0:0' } },
  { how: 'ck,m50\nu\t77\tu\t\tr', sketch: { fields: 'u77' } },
];

/** Declares, changes, pauses or deletes one of two schedules, or fires what is due, as two workers that look at once do. */
export async function randomSchedule(queue: TestQueue, random: Random, calls: string[]): Promise<void> {
  const id = random.pick(['s0', 's1']);
  const lane = `schedule${calls.length}`;
  const what = random.pick(['define', 'define', 'fire', 'fire', 'fire', 'pause', 'resume', 'unschedule'] as const);
  const { rows } = await queue.run(getSchedules, { ids: [id] });
  const [, , at = '0', record = ''] = rows;
  const hash = record.split('\t')[1] ?? '';
  calls.push(`${what} ${id} ${at} ${hash}`);
  const nextAt = queue.now + random.int(60);
  if (what === 'define') {
    const said = { id, wasHash: hash, wasAt: Number(at), hash: `h${random.int(3)}`, nextAt };
    await define(queue, said);
  } else if (what === 'pause') await queue.raw('pause-schedule', lane, 1, id, 1, '', 0, 0);
  else if (what === 'resume') await queue.raw('pause-schedule', lane, 1, id, 0, hash, at, nextAt + 1);
  else if (what === 'unschedule') {
    if (random.chance(0.4)) await queue.raw('unschedule', lane, 1, id, '');
  } else await fireDue(queue, random);
}

async function fireDue(queue: TestQueue, random: Random): Promise<void> {
  const { rows } = await queue.run(dueSchedules, { skip: 0, limit: 100 });
  for (let i = 0; i < rows.length; i += 4) {
    const [id = '', , due = '', record = ''] = rows.slice(i, i + 4);
    const at = Number(due);
    const all = Array.from({ length: 1 + Math.floor((queue.now - at) / EVERY_MS) }, (_, n) => at + n * EVERY_MS);
    const times = all.slice(random.int(all.length + 1)).slice(-20);
    const nextAt = random.chance(0.1) ? 0 : (all.at(-1) ?? at) + EVERY_MS;
    const hash = record.split('\t')[1] ?? '';
    const said = { id, at, hash, times, nextAt, alone: random.int(2), ...random.pick(JOBS) };
    if ((await fire(queue, said)) === 'LOST') throw new Error(`${id} could not be fired at ${due}`);
    if ((await fire(queue, said)) !== 'LOST') throw new Error(`${id} was fired twice at ${due}`);
  }
}
