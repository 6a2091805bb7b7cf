import type { Timer } from '../clock/index.js';
import {
  decodeError,
  JobFailedError,
  JobNotFoundError,
  WaitTimeoutError,
  type UnsuccessfulState,
} from '../errors/index.js';
import { validateName } from '../job/names.js';
import { mintNonce } from '../job/nonce.js';
import { decodePayload } from '../job/payload.js';
import { decodeOutcome } from '../job/record.js';
import { duration } from '../options/check/checks.js';
import { fieldTable, readFields } from '../options/index.js';
import { scripts } from '../redis/index.js';
import type { QueueContext } from './queue-context.js';

/** How to wait for a result. */
export interface ResultOptions {
  /** How long to wait; `Infinity` is allowed. @default 60000 */
  readonly timeoutMs?: number | undefined;
}

const DEFAULTS = Object.freeze({ timeoutMs: 60_000 });
const TABLE = fieldTable<{ timeoutMs: number }>({ timeoutMs: duration({ infinite: true }) });

/** How long Redis remembers a wait, and how often an open one is asked again: a message may be lost. */
const REMEMBERED_MS = 60_000;
const ASK_AGAIN_MS = 15_000;

interface Wait {
  readonly id: string;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/**
 * Waits for the ends of jobs, on one channel a queue object. The channel is subscribed before the first question, and
 * the question is atomic: the outcome, or the promise that it will be published in the moment in which the job ends.
 */
export class Results {
  readonly #queue: QueueContext;
  readonly #waits = new Map<string, Set<Wait>>();
  #channel: Promise<string> | undefined;
  #leave: (() => void)[] = [];
  #askAgain: Timer | undefined;
  #closed: Error | undefined;

  constructor(queue: QueueContext) {
    this.#queue = queue;
  }

  /**
   * The result of a job, as soon as it has ended anywhere.
   *
   * @throws JobFailedError, JobNotFoundError, WaitTimeoutError, ClosedError
   * @throws InvalidNameError, InvalidOptionError, UnknownOptionError
   */
  async wait(id: string, options: ResultOptions): Promise<unknown> {
    validateName('job id', id);
    const { timeoutMs } = { ...DEFAULTS, ...readFields(options, TABLE, () => `result('${id}')`) };
    if (this.#closed !== undefined) throw this.#closed;
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        timer.clear();
        this.#forget(wait);
      };
      const wait: Wait = {
        id,
        resolve: (value) => (settle(), resolve(value)),
        reject: (error) => (settle(), reject(error)),
      };
      const late = (): void => wait.reject(new WaitTimeoutError(this.#queue.name, id, timeoutMs));
      const timer = this.#queue.clock.setTimer(timeoutMs, late);
      this.#remember(wait);
      this.#subscribe()
        .then((channel) => this.#ask(id, channel))
        .catch(wait.reject);
    });
  }

  /** Ends the listening; open waits reject. */
  close(error: Error): void {
    this.#closed = error;
    for (const waits of [...this.#waits.values()]) for (const wait of [...waits]) wait.reject(error);
    for (const leave of this.#leave.splice(0)) leave();
  }

  #subscribe(): Promise<string> {
    this.#channel ??= this.#open().catch((error: unknown) => {
      this.#channel = undefined;
      throw error;
    });
    return this.#channel;
  }

  async #open(): Promise<string> {
    const { connection, base } = this.#queue;
    // The core keeps the channels of those who wait with blanks between them; a queue's name may have some.
    const channel = `${base}:a:${mintNonce()}`.replaceAll(' ', '%20');
    const leave = await connection.subscriber.subscribe(channel, (message) => {
      const tab = message.indexOf('\t');
      this.#settle(message.slice(0, tab), message.slice(tab + 1));
    });
    this.#leave.push(
      leave,
      connection.subscriber.onReady(() => this.#askAll(channel)),
    );
    if (this.#closed !== undefined) this.close(this.#closed);
    return channel;
  }

  async #ask(id: string, channel: string): Promise<void> {
    const reply = await this.#queue.ask(scripts.wait, { now: this.#queue.now, id, channel, forMs: REMEMBERED_MS });
    if (reply.code === 'ENDED') this.#settle(id, reply.outcome);
    if (reply.code === 'NOT_FOUND') this.#each(id, (wait) => wait.reject(new JobNotFoundError(this.#queue.name, id)));
  }

  #askAll(channel: string): void {
    // One that fails is asked again by the next round.
    for (const id of this.#waits.keys()) this.#ask(id, channel).catch(() => {});
  }

  #settle(id: string, text: string): void {
    const { state, body } = decodeOutcome(text);
    const decoded = decodePayload(body);
    this.#each(id, (wait) => {
      if (state === 'completed') wait.resolve(decoded.ok ? decoded.value : undefined);
      else
        wait.reject(
          new JobFailedError(
            this.#queue.name,
            id,
            state as UnsuccessfulState,
            body === '' ? undefined : decodeError(body),
          ),
        );
    });
  }

  #each(id: string, tell: (wait: Wait) => void): void {
    for (const wait of [...(this.#waits.get(id) ?? [])]) tell(wait);
  }

  #remember(wait: Wait): void {
    const waits = this.#waits.get(wait.id) ?? new Set();
    this.#waits.set(wait.id, waits.add(wait));
    this.#askAgain ??= this.#schedule();
  }

  #forget(wait: Wait): void {
    const waits = this.#waits.get(wait.id);
    waits?.delete(wait);
    if (waits?.size === 0) this.#waits.delete(wait.id);
    if (this.#waits.size > 0) return;
    this.#askAgain?.clear();
    this.#askAgain = undefined;
  }

  #schedule(): Timer {
    const askAgain = (): void => {
      this.#channel?.then(
        (channel) => this.#askAll(channel),
        () => {},
      );
      this.#askAgain = this.#schedule();
    };
    return this.#queue.clock.setTimer(ASK_AGAIN_MS, askAgain, { background: true });
  }
}
