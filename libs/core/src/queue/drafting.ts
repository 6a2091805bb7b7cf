import type { Where } from '../errors/index.js';
import { encodeBody, encodePlainBody, encodeStored } from '../job/body.js';
import { Job } from '../job/job.js';
import { encodeDependencies } from '../job/job-ref.js';
import { validateName } from '../job/names.js';
import { encodePayload } from '../job/payload.js';
import { keyOfData, keyOfText } from '../job/unique-key.js';
import { decodeLines, encodeLines, NO_LINES, uniqueLetter, type JobLines } from '../job/job-lines.js';
import { decodeEnvelope, NO_HEADER, NO_OPTIONS, type Envelope, type StoredOptions } from '../job/record.js';
import {
  JOB_OPTION_DEFAULTS,
  resolveJobOptions,
  resolveScheduledJobOptions,
  type JobOptions,
  type ResolvedJobOptions,
  type ResolvedQueueOptions,
} from '../options/index.js';
import type { JobTemplate } from '../schedule/definition.js';
import type { Draft } from './batch.js';

/** What a job knows of the schedule that adds it. */
export type ScheduleOrigin = Pick<StoredOptions, 'scheduleId' | 'scheduledFor'>;

const POLICY = Object.freeze({ keep: 'k', reject: 'j', replace: 'r' });

/** Redis copies it in the call in which the job fails; up to a thousand may do so at once. */
const MAX_IN_STORE = 65_536;

/** What is known of a job whose record was deleted. */
const UNKNOWN: Envelope = Object.freeze({
  createdAt: NaN,
  name: '',
  flags: '',
  fields: '',
  options: Object.freeze({}),
  payload: '',
});

/** What of a queue's options says how its jobs are stored. */
export type DraftingOptions = Pick<ResolvedQueueOptions, 'defaults' | 'maxPayloadBytes'>;

/** Turns what a user adds into what is stored: names and options checked, data encoded, before Redis is touched. */
export class Drafting {
  readonly #queue: string;
  readonly #options: DraftingOptions;
  readonly #mintId: () => string;
  readonly #hasDefaults: boolean;

  constructor(queue: string, options: DraftingOptions, mintId: () => string) {
    this.#queue = queue;
    this.#options = options;
    this.#mintId = mintId;
    this.#hasDefaults = Object.keys(options.defaults).length > 0;
  }

  /** @throws InvalidNameError, InvalidOptionError, UnknownOptionError, PayloadError */
  draft(name: string, data: unknown, options: JobOptions | undefined): Draft {
    validateName('job', name);
    const said = resolveJobOptions(options, () => `add('${this.#queue}', '${name}')`);
    const payload = encodePayload(data, {
      maxBytes: this.#options.maxPayloadBytes,
      subject: () => `Payload of "${name}"`,
    });
    if (said === JOB_OPTION_DEFAULTS && !this.#hasDefaults) {
      return {
        id: this.#mintId(),
        isGiven: false,
        how: '',
        lines: '',
        body: encodePlainBody(name, payload),
        plain: { name, payload },
      };
    }
    const id = said.id ?? this.#mintId();
    const draft = { id, isGiven: said.id !== undefined, ...this.compose(id, name, said, payload) };
    return said.dependsOn === undefined ? draft : { ...draft, dependsOn: said.dependsOn };
  }

  /** What is stored of a job of which all was checked. */
  compose(
    id: string,
    name: string,
    said: ResolvedJobOptions & ScheduleOrigin,
    payload: string,
  ): Pick<Draft, 'how' | 'lines' | 'body'> {
    const uniqueKey = keyOf(said, name, payload);
    return {
      how: this.#instructions(said),
      lines: encodeLines(linesOf(said, uniqueKey, this.#queue)),
      body: encodeBody(name, said, this.#options.defaults, payload, { uniqueKey, stored: this.#inStore(id, said) }),
    };
  }

  /**
   * What each job of a schedule is made of. Its parts are kept for later: nothing may be in it that fails only then.
   *
   * @throws as `draft`
   */
  template(name: string, data: unknown, options: JobOptions | undefined, where: Where): JobTemplate {
    validateName('job', name);
    const said = resolveScheduledJobOptions(options, where);
    const payload = encodePayload(data, {
      maxBytes: Math.min(MAX_IN_STORE, this.#options.maxPayloadBytes),
      limit: 'the limit of a schedule',
      subject: () => `Payload of "${name}"`,
    });
    this.compose('', name, said, payload);
    return { name, options: said, defaults: this.#options.defaults, payload };
  }

  /** One for jobs of which the queue has said this before. */
  with(defaults: ResolvedQueueOptions['defaults']): Drafting {
    return new Drafting(this.#queue, { ...this.#options, defaults }, this.#mintId);
  }

  /** The job that a draft has become. */
  toJob({ id, how, lines, body, plain }: Draft, outcome: 'added' | 'replaced', at: number, isBlocked = false): Job {
    const queue = this.#queue;
    if (plain !== undefined) {
      const envelope = {
        createdAt: at,
        name: plain.name,
        flags: '',
        fields: '',
        options: NO_OPTIONS,
        payload: plain.payload,
      };
      return new Job({ id, queue, state: 'waiting', envelope, header: NO_HEADER }, outcome);
    }
    const delay = /(?:^|,)([da])(\d+)/.exec(how);
    const dueAt = delay === null ? 0 : delay[1] === 'a' ? Number(delay[2]) : at + Number(delay[2]);
    const envelope = decodeEnvelope(`1${String(at).padStart(13, '0')}${body}`);
    const record = { id, queue, envelope, header: NO_HEADER, lines: decodeLines(lines) };
    if (isBlocked) return new Job({ ...record, state: 'blocked', dueAt: dueAt > at ? dueAt : undefined }, outcome);
    return new Job(dueAt > at ? { ...record, state: 'delayed', dueAt } : { ...record, state: 'waiting' }, outcome);
  }

  /** A job that has been deleted while its id is still remembered. */
  gone(id: string): Job {
    return new Job({ id, queue: this.#queue, state: 'gone', envelope: UNKNOWN, header: NO_HEADER }, 'kept');
  }

  /** What is added when the job fails for good, if anything; it knows the job, and what travels with it. */
  #inStore(id: string, { onFailure, meta }: ResolvedJobOptions): string {
    if (onFailure === undefined) return '';
    const { name, data } = onFailure;
    const payload = encodePayload(data, {
      maxBytes: Math.min(MAX_IN_STORE, this.#options.maxPayloadBytes),
      limit: 'the limit of onFailure',
      subject: () => `Payload of "${name}" (onFailure)`,
      root: 'onFailure.data',
    });
    const said = meta === undefined ? { failedJobId: id } : { failedJobId: id, meta };
    return encodeStored(this.#mintId(), encodeBody(name, said, this.#options.defaults, payload));
  }

  #instructions(said: ResolvedJobOptions): string {
    const priority = said.priority ?? this.#options.defaults.priority ?? 0;
    const parts: string[] = [];
    if (said.delayMs !== undefined) parts.push(`d${said.delayMs}`);
    if (said.runAt !== undefined) parts.push(`a${said.runAt}`);
    if (priority !== 0) parts.push(`p${priority}`);
    if (said.id !== undefined) {
      parts.push(`c${POLICY[said.onConflict]}`, `m${said.idForMs}`);
      if (said.onActive === 'cancel') parts.push('x');
    }
    return parts.join(',');
  }
}

/** The digits of the unique key; empty without one. */
function keyOf({ unique }: ResolvedJobOptions, name: string, payload: string): string {
  if (unique === undefined) return '';
  return unique.key === undefined ? keyOfData(name, payload) : keyOfText(unique.key);
}

function linesOf(said: ResolvedJobOptions, uniqueKey: string, queue: string): JobLines {
  const { tags, uses, group, unique, onConflict, onActive, dependsOn } = said;
  if ([tags, uses, group, unique, dependsOn].every((each) => each === undefined)) return NO_LINES;
  const lines = new Map<string, readonly string[]>();
  if (tags !== undefined) lines.set('t', tags);
  if (group !== undefined) lines.set('g', [group]);
  if (uses !== undefined) lines.set('r', Object.entries(uses).flat().map(String));
  if (dependsOn !== undefined)
    lines.set('d', encodeDependencies(dependsOn, said.onDependencyFailure, said.missingDependency === 'done', queue));
  if (unique !== undefined) {
    const held = [uniqueKey, uniqueLetter(unique), String(unique.forMs ?? ''), POLICY[onConflict]];
    lines.set('u', onActive === 'cancel' ? [...held, 'x'] : held);
  }
  return lines;
}
