import type { ResolvedBackoff } from '../options/job/backoff-options.js';
import type { ResolvedJobDefaults } from '../options/job/job-defaults.js';
import type { JobState } from './job-state.js';

/** What was said of a job when it was added, and what its queue said then. Written once, read by workers. */
export interface StoredOptions {
  readonly maxAttempts?: number;
  readonly maxUncounted?: number;
  readonly backoff?: ResolvedBackoff;
  readonly timeoutMs?: number;
  readonly delayMs?: number;
  readonly runAt?: number;
  readonly meta?: Readonly<Record<string, string>>;
  /** As they were when the job was added. */
  readonly tags?: readonly string[];
  readonly group?: string;
  /** The job whose final failure added this one. */
  readonly failedJobId?: string;
  /** The schedule that added it. */
  readonly scheduleId?: string;
  /** The time of the schedule that it was added for, in ms since 1970. */
  readonly scheduledFor?: number;
  /** The defaults of the producer's queue: weaker than the handler's own. */
  readonly queueDefaults?: ResolvedJobDefaults;
}

/** The immutable record of a job: `'1' createdAt flags \t name \t fields \t options \n payload`. */
export interface Envelope {
  readonly createdAt: number;
  readonly name: string;
  readonly flags: string;
  /** What the core reads, by letter: p priority, x expiry, k retention, s stall limit, u and v unique key, f bytes of the job in store. */
  readonly fields: string;
  readonly options: StoredOptions;
  readonly payload: string;
}

/** The mutable record of a job; a job that has none has had no trouble yet. */
export interface Header {
  readonly failures: number;
  readonly stalls: number;
  readonly uncounted: number;
  /** A worker vanished that had it. */
  readonly isSuspect: boolean;
  readonly hasNotes: boolean;
  /** An attempt has ended otherwise than by success, or it was retried or promoted by hand. */
  readonly hasHistory: boolean;
  /** Overrides the one in the envelope. */
  readonly priority: number | undefined;
}

/** How a job ended. */
export interface Outcome {
  readonly state: JobState;
  readonly finishedAt: number;
  readonly attempt: number;
  readonly durationMs: number;
  /** The result of a completed job, else the error: JSON text, perhaps empty. */
  readonly body: string;
}

/** Of a job for which nothing was said: most jobs share it. */
export const NO_OPTIONS: StoredOptions = Object.freeze({});
export const NO_HEADER: Header = Object.freeze({
  failures: 0,
  stalls: 0,
  uncounted: 0,
  isSuspect: false,
  hasNotes: false,
  hasHistory: false,
  priority: undefined,
});
const FINAL_STATES: Readonly<Record<string, JobState>> = Object.freeze({
  c: 'completed',
  f: 'failed',
  t: 'timed_out',
  b: 'broken',
  x: 'cancelled',
});

/** Stands in the place of a name where the core sets jobs aside that a later release has stored. */
export const LATER_FORMAT = '\tformat';

/** Where the flags begin: after the format and thirteen digits of time. */
const FLAGS_AT = 14;

/** Reads an envelope. Its options come out empty if their text is damaged; the payload stays text. */
export function decodeEnvelope(text: string): Envelope {
  return new StoredEnvelope(text);
}

/** What is asked for is read when it is asked for: of most jobs only name and payload ever are. */
class StoredEnvelope implements Envelope {
  readonly name: string;
  readonly #text: string;
  readonly #flagsEnd: number;
  readonly #nameEnd: number;
  readonly #fieldsEnd: number;
  readonly #optionsEnd: number;
  #options: StoredOptions | undefined;

  constructor(text: string) {
    this.#text = text;
    this.#flagsEnd = text.indexOf('\t', FLAGS_AT);
    this.#nameEnd = text.indexOf('\t', this.#flagsEnd + 1);
    this.#fieldsEnd = text.indexOf('\t', this.#nameEnd + 1);
    this.#optionsEnd = text.indexOf('\n', this.#fieldsEnd + 1);
    this.name = text.slice(this.#flagsEnd + 1, this.#nameEnd);
  }

  get createdAt(): number {
    return Number(this.#text.slice(1, FLAGS_AT));
  }

  get flags(): string {
    return this.#text.slice(FLAGS_AT, this.#flagsEnd);
  }

  get fields(): string {
    return this.#text.slice(this.#nameEnd + 1, this.#fieldsEnd);
  }

  get options(): StoredOptions {
    if (this.#optionsEnd === this.#fieldsEnd + 1) return NO_OPTIONS;
    this.#options ??= decodeOptions(this.#text.slice(this.#fieldsEnd + 1, this.#optionsEnd));
    return this.#options;
  }

  get payload(): string {
    const rest = this.#text.slice(this.#optionsEnd + 1);
    if (this.#flagsEnd === FLAGS_AT) return rest;
    const stored = Number(envelopeField(this, 'f') ?? 0);
    return stored === 0 ? rest : Buffer.from(rest).subarray(stored).toString();
  }
}

function decodeOptions(text: string): StoredOptions {
  try {
    const options: unknown = JSON.parse(text);
    return typeof options === 'object' && options !== null ? options : NO_OPTIONS;
  } catch {
    return NO_OPTIONS;
  }
}

/** The value of one lettered field of an envelope. */
export function envelopeField(envelope: Envelope, letter: string): string | undefined {
  return envelope.fields
    .split(',')
    .find((field) => field.startsWith(letter))
    ?.slice(1);
}

/** Reads a header; `null` (none is stored) is the default one. */
export function decodeHeader(text: string | null | undefined): Header {
  const parts = text === null || text === undefined ? null : /^1(\d+),(\d+),(\d+),\d+,([A-Za-z]*),(-?\d*)$/.exec(text);
  if (parts === null) return NO_HEADER;
  const [, failures, stalls, uncounted, flags = '', priority = ''] = parts;
  return {
    failures: Number(failures),
    stalls: Number(stalls),
    uncounted: Number(uncounted),
    isSuspect: flags.includes('S'),
    hasNotes: flags.includes('N'),
    hasHistory: flags.includes('Y'),
    priority: priority === '' ? undefined : Number(priority),
  };
}

/** Reads an outcome. */
export function decodeOutcome(text: string): Outcome {
  const head = text.indexOf('\n');
  const [finishedAt, attempt, durationMs] = text.slice(1, head).split(',').map(Number);
  return {
    state: FINAL_STATES[text.charAt(0)] ?? 'failed',
    finishedAt: finishedAt ?? 0,
    attempt: attempt ?? 0,
    durationMs: durationMs ?? 0,
    body: text.slice(head + 1),
  };
}
