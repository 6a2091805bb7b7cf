import { setTimeout as delay } from 'node:timers/promises';

import { ClosedError, NoRedisError, StorageRefusedError } from '../../errors/index.js';
import { retryDelayMs } from '../client/client.js';
import { failureReason } from '../client/failure.js';
import type { Link } from '../client/link.js';
import type { AnyScript, Script } from '../script.js';
import { CallUnknownError } from './call-unknown-error.js';
import { Call, InFlight } from './in-flight.js';
import { fromReply, isReplyError } from './reply-error.js';
import { ScriptLoader } from './script-loader.js';

/** How one call is made. */
export interface RunOptions {
  /** Time for the whole call, waiting for the connection included, in ms. Default: `commandTimeoutMs` of the connection. */
  readonly timeoutMs?: number;
  /**
   * Repeats the same call, with a growing pause, until Redis has taken it or the signal aborts: after an outcome that
   * stays unknown, while Redis is away, and while it refuses (`StorageRefusedError`). Only for calls that have one
   * effect however often they are sent. Rejects with the signal's reason.
   */
  readonly repeatUntilAnswered?: AbortSignal;
  /** Called each time the call is handed to the client, with what `Link.breaks` was then. Only for calls that are repeated. */
  readonly onSend?: (breaks: number) => void;
}

/** EVALSHA as ioredis takes it: a list among the arguments is flattened, so that no list is too long to be spread. */
type Evaluate = (what: string, keys: 1, base: string, argv: readonly string[]) => Promise<unknown>;

/** A call that waited for the connection has so much of its time left for its answer, or so much in ms where that is less. */
const ANSWER_SHARE = 0.2;
const ANSWER_MS = 1_000;

/** Runs the scripts of the Lua core on one link. Every call settles within its time. */
export class ScriptRunner {
  readonly #link: Link;
  readonly #loader: ScriptLoader;
  readonly #description: string;
  readonly #timeoutMs: number;
  readonly #evalsha: Evaluate;
  readonly #eval: Evaluate;
  readonly #inFlight: InFlight;

  /** @param description where Redis is, for messages, without a password */
  constructor(link: Link, description: string, timeoutMs: number) {
    this.#link = link;
    this.#inFlight = new InFlight(timeoutMs, () => link.silent());
    this.#loader = new ScriptLoader(link.client);
    this.#description = description;
    this.#timeoutMs = timeoutMs;
    this.#evalsha = link.client.evalsha.bind(link.client) as unknown as Evaluate;
    this.#eval = link.client.eval.bind(link.client) as unknown as Evaluate;
  }

  /**
   * Runs a script for the queue (or slot) with this base key.
   *
   * @throws NoRedisError when Redis was not there in time: nothing was sent
   * @throws StorageRefusedError, or another JobsError with the code that the script answered: nothing was written
   * @throws CallUnknownError when it was sent and not answered
   * @throws ClosedError after the connection was closed
   */
  run<A, R>(script: Script<A, R>, base: string, args: A, options?: RunOptions): Promise<R> {
    const timeoutMs = options?.timeoutMs ?? this.#timeoutMs;
    const signal = options?.repeatUntilAnswered;
    if (signal !== undefined) return this.#repeat(script, base, args, timeoutMs, signal, options?.onSend);
    return this.#link.isReady
      ? this.#send(script, base, args, timeoutMs)
      : this.#sendWhenReady(script, base, args, timeoutMs);
  }

  /** Loads scripts ahead of their first call. Rejects when one could not be loaded. */
  loadAll(scripts: readonly AnyScript[]): Promise<void> {
    return this.#loader.loadAll(scripts);
  }

  /**
   * Rejects the calls that are still in flight: a client that is closed while it waits for its next try never answers
   * for what it was given.
   */
  close(): void {
    this.#inFlight.close(new CallUnknownError('a call', 'the connection was closed before its answer came'));
  }

  async #repeat<A, R>(
    script: Script<A, R>,
    base: string,
    args: A,
    timeoutMs: number,
    signal: AbortSignal,
    onSend: RunOptions['onSend'],
  ): Promise<R> {
    this.#inFlight.heed(signal);
    for (let failures = 1; ; failures++) {
      signal.throwIfAborted();
      try {
        const leftMs = this.#link.isReady ? timeoutMs : await this.#leftWhenReady(script, timeoutMs, signal);
        onSend?.(this.#link.breaks);
        return await this.#send(script, base, args, leftMs, signal);
      } catch (error) {
        signal.throwIfAborted();
        if (!canBeRepeated(error)) throw error;
      }
      // Where Redis is away the next round waits for it, and for nothing else.
      if (this.#link.isReady) await delay(retryDelayMs(failures), undefined, { signal }).catch(() => {});
    }
  }

  async #sendWhenReady<A, R>(script: Script<A, R>, base: string, args: A, timeoutMs: number): Promise<R> {
    return this.#send(script, base, args, await this.#leftWhenReady(script, timeoutMs));
  }

  /** Waits for the connection; resolves to what is left of the call's time. */
  async #leftWhenReady(script: AnyScript, timeoutMs: number, signal?: AbortSignal): Promise<number> {
    const asked = performance.now();
    // Sent too late, its outcome would only be unknown.
    const isReady = await this.#link.whenReady(timeoutMs - Math.min(timeoutMs * ANSWER_SHARE, ANSWER_MS), signal);
    if (!isReady) throw this.#notSent(script, timeoutMs);
    return timeoutMs - (performance.now() - asked);
  }

  /** No async function: this is the path of every call, and a promise more costs as much as all else here. */
  #send<A, R>(script: Script<A, R>, base: string, args: A, timeoutMs: number, signal?: AbortSignal): Promise<R> {
    return new Promise((resolve, reject) => {
      const argv = script.encode(args);
      const answer = this.#evalsha(script.sha1, 1, base, argv);
      const call = new Call(script.name, timeoutMs, reject, signal);
      const done = (reply: unknown): void => {
        if (!this.#inFlight.answered(call)) return;
        try {
          resolve(script.decode(reply));
        } catch (error) {
          reject(error);
        }
      };
      const fail = (error: Error): void => {
        const isOver = isReplyError(error) ? this.#inFlight.answered(call) : this.#inFlight.unanswered(call);
        if (isOver) reject(this.#failure(error, script, base));
      };
      this.#inFlight.add(call);
      answer.then(done, (error: Error) => {
        if (!error.message.startsWith('NOSCRIPT')) fail(error);
        else this.#loadAndSend(script, base, argv).then(done, fail);
      });
    });
  }

  /** The script cache was emptied: load it once for all who wait, and give up on the cache if it is emptied again. */
  async #loadAndSend(script: AnyScript, base: string, argv: string[]): Promise<unknown> {
    try {
      await this.#loader.load(script);
      return await this.#evalsha(script.sha1, 1, base, argv);
    } catch (error) {
      if (!(error as Error).message.startsWith('NOSCRIPT')) throw error;
      return await this.#eval(script.source, 1, base, argv);
    }
  }

  #failure(error: Error, script: AnyScript, base: string): Error {
    if (isReplyError(error)) return fromReply(error, script.name, base);
    return new CallUnknownError(script.name, failureReason(error));
  }

  #notSent(script: AnyScript, timeoutMs: number): Error {
    if (this.#link.state === 'closed') return new ClosedError('The connection to Redis', `run ${script.name}`);
    const { lastError } = this.#link;
    const reason = lastError === undefined ? `no connection within ${timeoutMs} ms` : failureReason(lastError);
    return new NoRedisError(this.#description, reason);
  }
}

function canBeRepeated(error: unknown): boolean {
  return error instanceof CallUnknownError || NoRedisError.is(error) || StorageRefusedError.is(error);
}
