import { admit } from './admitting.js';
import { isFinal, newJob, type Sketch } from './job.js';
import { isStored, judgeRows, type Row } from './judging.js';
import type { QueueModel, Schedule } from './queue-model.js';
import type { World } from './world.js';

/** What a worker makes of a schedule that is due. */
export interface Firing {
  readonly id: string;
  readonly at: number;
  readonly hash: string;
  readonly nextAt: number;
  readonly left: number;
  readonly alone: number;
  readonly times: readonly number[];
  readonly sketch: Sketch;
}

export const FIRED_MEMORY_MS = 50;

/** A time of a schedule, and what became of it: f fired, k the job was there, o passed over, m missed, u its key was taken. */
interface Met {
  readonly letter: string;
  readonly time: number;
}

/** Adds the jobs of a schedule, and sets its next time; how many were added, undefined where another worker was quicker. */
export function fireIn(world: World, queue: QueueModel, firing: Firing): number | undefined {
  const { id, at, hash, times, alone } = firing;
  const schedule = queue.schedules.get(id);
  const isTold = schedule?.state === 'running' && schedule.at === at && schedule.hash === hash && at <= world.now;
  if (schedule === undefined || !isTold) return undefined;
  const last = queue.jobs.get(schedule.job);
  const isBusy = alone === 1 && last !== undefined && !isFinal(last);
  // Alone, only the first of several times adds a job, and that is alive behind it.
  const met = isBusy ? [] : alone === 1 ? times.slice(0, 1) : times;
  const rows = met.map((time): Row => rowOf(world, queue, firing, time));
  const verdicts = judgeRows(world, queue, rows);
  const lines: Met[] = times.map((time, i) => {
    const verdict = verdicts[i];
    return { time, letter: verdict === undefined ? 'o' : isStored(verdict) ? 'f' : verdict.fate === 'K' ? 'k' : 'u' };
  });
  if (times[0] !== at) lines.unshift({ letter: 'm', time: at });
  note(world, queue, schedule, firing, lines);
  admit(world, queue, rows, verdicts);
  return lines.filter(({ letter }) => letter === 'f').length;
}

function rowOf(world: World, queue: QueueModel, { id, sketch }: Firing, time: number): Row {
  const job = newJob(`${id}@${time}`, queue.index, world.now, sketch);
  return { job, at: world.now, given: { policy: 'k', memoryMs: FIRED_MEMORY_MS, isForced: false }, unique: undefined };
}

function note(
  world: World,
  queue: QueueModel,
  schedule: Schedule,
  { id, nextAt, left }: Firing,
  lines: readonly Met[],
): void {
  const fired = lines.filter(({ letter }) => letter === 'f');
  for (const { letter, time } of lines) queue.tell(letter === 'f' ? 'h' : 'l', `${id}@${time}`);
  const last = fired.at(-1)?.time;
  schedule.count += fired.length;
  schedule.last = last ?? schedule.last;
  schedule.job = last === undefined ? schedule.job : `${id}@${last}`;
  const isOver = nextAt === 0 || (left > 0 && fired.length === left);
  Object.assign(schedule, { state: isOver ? 'over' : 'running', at: isOver ? 0 : nextAt });
  schedule.history = [
    ...lines.map(({ letter, time }) => `${letter}\t${time}\t${world.now}`).reverse(),
    ...schedule.history,
  ].slice(0, 100);
}
