import { describeError, InvalidOptionError } from '../errors/index.js';
import { callable } from '../options/check/checks.js';
import { fieldTable, loggerOption, readFields, type Check, type Logger } from '../options/index.js';
import type { Job } from '../job/job.js';
import type { Queue } from '../queue/queue.js';
import type { JobMap } from '../types/index.js';
import { QUEUE_EVENT_TYPES, type QueueEvent } from './queue-event.js';
import type { EventsOptions } from './queue-events.js';

/** What a probe is told beside the event: the job, its result, when it runs next, or nothing. */
export type ProbeData = 'job' | 'result' | 'next' | 'none';

/** Which changes are told, and with what; `'*'` stands for those that are not named. */
export type ProbeStates = Readonly<Partial<Record<QueueEvent['type'] | '*', ProbeData>>>;

/** What a probe's handler is told of a change. What was not asked for is `undefined`, and so is what is gone by now. */
export interface JobChange {
  readonly event: QueueEvent;
  /** The job as it is now, which may be later than the event. */
  readonly job: Job | undefined;
  readonly result: unknown;
  readonly next: Date | undefined;
}

/** How jobs are watched. */
export interface ProbeOptions extends Pick<EventsOptions, 'from' | 'job' | 'signal'> {
  /** @default { '*': 'job' } */
  readonly states?: ProbeStates | undefined;
  /** Called for each change, one after the other. What it throws is logged. */
  readonly handler: (change: JobChange) => unknown;
  /** @default nothing is written */
  readonly logger?: Logger | undefined;
}

const TABLE = fieldTable<
  ProbeOptions & { from: string; job: string; signal: AbortSignal; states: ProbeStates; logger: Logger }
>({
  states: checkStates,
  handler: callable(),
  logger: loggerOption,
  // The reader of events checks these.
  from: (value) => value as string,
  job: (value) => value as string,
  signal: (value) => value as AbortSignal,
});

/**
 * Calls a handler for each change of a job's state, with as much of the job as was asked for. As with all events, every
 * process that asks is told, and one that is down misses it; `from` goes on where it stopped. Resolves when `signal` aborts
 * or the queue is closed.
 *
 * @example
 * await probeJobs(mail, { states: { completed: 'result', retrying: 'next' }, handler: ({ event, result }) => …, signal });
 *
 * @throws InvalidOptionError, UnknownOptionError
 */
export async function probeJobs<M extends JobMap>(queue: Queue<M>, options: ProbeOptions): Promise<void> {
  const where = `probeJobs('${queue.name}')`;
  const { states = { '*': 'job' }, handler, logger, ...reading } = readFields(options, TABLE, where);
  if (handler === undefined)
    throw new InvalidOptionError({ where, path: 'handler', value: handler, expected: 'a function' });
  const types = '*' in states ? undefined : (Object.keys(states) as QueueEvent['type'][]);
  for await (const event of queue.events({ ...reading, types })) {
    const data = states[event.type] ?? states['*'];
    if (data === undefined || event.id === '') continue;
    const job = data === 'none' ? undefined : await queue.get(event.id);
    try {
      await handler({
        event,
        job: data === 'job' ? job : undefined,
        result: data === 'result' ? job?.result : undefined,
        next: data === 'next' ? job?.runAt : undefined,
      });
    } catch (error) {
      logger?.error(`The handler of ${where} threw: ${describeError(error).message}. It goes on with the next change.`);
    }
  }
}

function checkStates(...[value, path, where]: Parameters<Check<ProbeStates>>): ProbeStates {
  const known: readonly string[] = ['*', ...QUEUE_EVENT_TYPES];
  const entries = Object.entries(Object(value) as Record<string, unknown>);
  if (entries.length === 0) throw new InvalidOptionError({ where, path, value, expected: 'data by state' });
  for (const [state, data] of entries) {
    if (!known.includes(state))
      throw new InvalidOptionError({
        where,
        path: `${path}.${state}`,
        value: state,
        expected: `one of ${known.join(', ')}`,
      });
    if (!['job', 'result', 'next', 'none'].includes(String(data)))
      throw new InvalidOptionError({
        where,
        path: `${path}.${state}`,
        value: data,
        expected: "'job', 'result', 'next' or 'none'",
      });
  }
  return value as ProbeStates;
}
