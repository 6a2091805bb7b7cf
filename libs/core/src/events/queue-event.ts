/**
 * What happened to a job. `scheduled`: a schedule has added it. `skipped`: a time of a schedule was passed over; the id is the one that
 * its job would have had, `<schedule>@<ms>`.
 */
export type QueueEventType =
  | 'waiting'
  | 'delayed'
  | 'active'
  | 'aggregating'
  | 'completed'
  | 'failed'
  | 'timed_out'
  | 'broken'
  | 'cancelled'
  | 'retrying'
  | 'stalled'
  | 'moved'
  | 'blocked'
  | 'unclaimed'
  | 'progress'
  | 'tracked'
  | 'untracked'
  | 'scheduled'
  | 'skipped';

/** Something that happened to a job, in whichever process. It carries no payload and no result: ask `queue.get(id)`. */
export interface QueueEvent {
  /** Where it stands in the stream; `events({ from: eventId })` goes on after it. */
  readonly eventId: string;
  /**
   * `gap`: events were trimmed away before they could be read, or were not written while nobody listened. `configured`: the
   * live configuration was changed; `name` has its settings. The `id` of both is empty.
   */
  readonly type: QueueEventType | 'gap' | 'configured';
  /** The job's id. */
  readonly id: string;
  /** The job's name, where the core knew it in that moment. */
  readonly name: string | undefined;
  /** By the clock of Redis. */
  readonly at: Date;
}

/** The letters of the wire contract. */
const TYPES: Readonly<Record<string, QueueEvent['type']>> = Object.freeze({
  w: 'waiting',
  d: 'delayed',
  a: 'active',
  o: 'aggregating',
  c: 'completed',
  f: 'failed',
  t: 'timed_out',
  b: 'broken',
  x: 'cancelled',
  r: 'retrying',
  s: 'stalled',
  n: 'unclaimed',
  m: 'moved',
  k: 'blocked',
  p: 'progress',
  v: 'tracked',
  u: 'untracked',
  h: 'scheduled',
  l: 'skipped',
  g: 'gap',
  i: 'configured',
});

/** All types of events. */
export const QUEUE_EVENT_TYPES: readonly QueueEvent['type'][] = Object.freeze([...new Set(Object.values(TYPES))]);

/** Reads the events of one stream entry. Letters of a later release are passed over. */
export function decodeEntry(entryId: string, time: string, lines: string): QueueEvent[] {
  const at = new Date(Number(time));
  return lines.split('\n').flatMap((line, index) => {
    const [letter = '', id = '', name = ''] = line.split('\t');
    const type = TYPES[letter];
    return type === undefined
      ? []
      : [{ eventId: `${entryId}/${index}`, type, id, name: name === '' ? undefined : name, at }];
  });
}
