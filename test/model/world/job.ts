import { body as bodyText } from '../../lua/support/records.js';
import type { Use } from './resources.js';

export type Final = 'completed' | 'failed' | 'timed_out' | 'broken' | 'cancelled';
/** `aside`: it waits for a handler, which `counts` has among the waiting ones. */
export type State = 'waiting' | 'aside' | 'delayed' | 'retrying' | 'blocked' | 'active' | Final;

export const FINALS: Readonly<Record<string, Final>> = {
  c: 'completed',
  f: 'failed',
  t: 'timed_out',
  b: 'broken',
  x: 'cancelled',
};

/** What a producer says of a job. */
export interface Sketch {
  readonly name: string;
  readonly payload: string;
  readonly priority: number;
  /** Own retention in ms after success and after any other end, '' = as the queue. */
  readonly keep?: readonly [string, string] | undefined;
  readonly expiresInMs?: number | undefined;
  readonly stalls?: number | undefined;
  /** Unique key: `u` until its end, `v` until its start; held for a time only. */
  readonly unique?: { readonly letter: 'u' | 'v'; readonly key: string; readonly isTimed: boolean } | undefined;
  /** What is added when the job fails for good; a name is one of one job only. */
  readonly stored?: { readonly id: string; readonly sketch: Sketch } | undefined;
}

export interface Lease {
  readonly epoch: string;
  readonly token: string;
  /** Which of those that the epoch has leased. */
  readonly nth: number;
  isMarked: boolean;
  /** When it was leased, where a rate may have to know; else -1. */
  readonly since: number;
}

export interface Outcome {
  readonly letter: string;
  readonly at: number;
  readonly attempt: number;
  readonly durationMs: number;
  readonly text: string;
}

/** What becomes of a job that waits for one that ended otherwise than completed: it fails, is cancelled, stays blocked, runs. */
export type Policy = 'f' | 'c' | 'b' | 'r';
/** Of a dependency: it goes on; it has ended, and the job has not heard of it; it failed the job or keeps it blocked, and may be retried; it is gone. */
export type Edge = 'open' | 'untold' | 'failed' | 'dead';

export interface Job {
  readonly id: string;
  queue: number;
  readonly createdAt: number;
  name: string;
  payload: string;
  readonly sketch: Sketch;
  readonly isBounded: boolean;
  state: State;
  priority: number;
  /** Its turn among those that wait in its priority. Equal ones may come in any order. */
  turn: number;
  /** When it may run; 0 = at once. */
  at: number;
  failures: number;
  stalls: number;
  uncounted: number;
  isSuspect: boolean;
  /** It was retried or moved by hand, and expires no more. */
  isUnending: boolean;
  error: string | undefined;
  readonly notes: Map<string, string>;
  history: string[];
  group: string | undefined;
  uses: readonly Use[];
  /** Its turn among those that wait for resources, once it has waited for one. */
  useTurn: number | undefined;
  /** The resource for which it waits, while it does: with the priority that it had when it came, and its amount if that was more than there is. */
  line: { readonly name: string; readonly priority: number; readonly excess: number } | undefined;
  tags: readonly string[];
  policy: Policy | undefined;
  /** Dependencies that are not there count as done. */
  isLenient: boolean;
  /** Absolute names of all that it was said to depend on. */
  said: string[];
  needs: Map<string, Edge>;
  /** Others depend on it, or did. */
  isParent: boolean;
  /** What came of its dependencies, by their names: a letter, and of a completed one the result. */
  results: Map<string, string>;
  lease: Lease | undefined;
  outcome: Outcome | undefined;
  /** The kind of error by which it is grouped. */
  kind: string | undefined;
  /** Until when it is kept by its own wish. */
  keptUntil: number | undefined;
}

/** The part of an envelope that a client writes. */
export function wireBody(
  sketch: Sketch,
  { name, payload } = { name: sketch.name, payload: sketch.payload },
  isBounded = false,
): string {
  const fields = [
    ...(sketch.priority === 0 ? [] : [`p${sketch.priority}`]),
    ...(sketch.keep === undefined ? [] : [`k${sketch.keep[0]}:${sketch.keep[1]}`]),
    ...(sketch.expiresInMs === undefined ? [] : [`x${sketch.expiresInMs}`]),
    ...(sketch.stalls === undefined ? [] : [`s${sketch.stalls}`]),
    ...(sketch.unique === undefined
      ? []
      : [`${sketch.unique.letter}${sketch.unique.key}${sketch.unique.isTimed ? ':' : ''}`]),
  ];
  const { stored } = sketch;
  return bodyText({
    name,
    payload,
    fields: fields.join(','),
    options: isBounded ? 'bounded' : '',
    ...(stored === undefined ? {} : { onFailure: { id: stored.id, body: wireBody(stored.sketch) } }),
  });
}

/** As the core must have stored the job, byte for byte. */
export function wireEnvelope(job: Job): string {
  return `1${job.createdAt}${wireBody(job.sketch, job, job.isBounded)}`;
}

export function isFinal(job: Job): boolean {
  return job.outcome !== undefined;
}

/** The name of a job over all queues. */
export function refOf(job: { readonly queue: number; readonly id: string }): string {
  return `${job.queue}/${job.id}`;
}

/** The same of a name as a queue has it: an id, or `{queue}id`. */
export function refIn(
  world: { readonly queues: readonly { readonly index: number; readonly name: string }[] },
  queue: number,
  name: string,
): string {
  const [, other, id = name] = /^\{([^}]*)\}(.+)$/s.exec(name) ?? [];
  const index = other === undefined ? queue : world.queues.find((each) => each.name === other)?.index;
  return `${index}/${id}`;
}

/** A job as it is when it comes into a queue; where it is, is decided by who adds it. */
export function newJob(id: string, queue: number, createdAt: number, sketch: Sketch, isBounded = false): Job {
  return {
    id,
    queue,
    createdAt,
    name: sketch.name,
    payload: sketch.payload,
    sketch,
    isBounded,
    state: 'waiting',
    priority: sketch.priority,
    turn: 0,
    at: 0,
    failures: 0,
    stalls: 0,
    uncounted: 0,
    isSuspect: false,
    isUnending: false,
    error: undefined,
    notes: new Map(),
    history: [],
    group: undefined,
    uses: [],
    useTurn: undefined,
    line: undefined,
    tags: [],
    policy: undefined,
    isLenient: false,
    said: [],
    needs: new Map(),
    isParent: false,
    results: new Map(),
    lease: undefined,
    outcome: undefined,
    kind: undefined,
    keptUntil: undefined,
  };
}
