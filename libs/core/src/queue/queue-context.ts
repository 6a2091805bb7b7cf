import type { Clock } from '../clock/index.js';
import {
  ClosedError,
  NoRedisError,
  OutcomeUnknownError,
  QueueMismatchError,
  UpgradeRequiredError,
} from '../errors/index.js';
import type { Logger } from '../options/index.js';
import type { Connection, RunOptions, Script } from '../redis/index.js';
import { baseKey, CallUnknownError, registryKey, scripts } from '../redis/index.js';

/** The format of the records this release writes, and reads. */
export const FORMAT = 1;

/** One queue as the parts of the library share it: where its keys are, and how to run a command on them. */
export class QueueContext {
  readonly name: string;
  readonly base: string;
  readonly connection: Connection;
  /** The slot that it shares with other queues; without one it has its own. */
  readonly slot: string | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  #declared: Promise<void> | undefined;
  #closed = false;

  constructor(name: string, connection: Connection, slot: string | undefined, logger: Logger | undefined) {
    this.name = name;
    this.connection = connection;
    this.clock = connection.clock;
    this.logger = connection.loggerFor(logger);
    this.base = baseKey(connection.prefix, name, slot);
    this.slot = slot;
    connection.queues.add(this.base);
  }

  /** The time to hand to a command: none in production, where the clock of Redis counts. */
  get now(): number | undefined {
    return this.clock.isVirtual ? this.clock.now() : undefined;
  }

  /** Whether a call made now is written at once, before any that is made after it. */
  get isReady(): boolean {
    return this.#declared === DONE && this.connection.link.isReady;
  }

  /**
   * Runs a command on this queue, once the queue has been declared. For callers that know what to do about an unknown
   * outcome.
   *
   * @throws CallUnknownError when it was sent and not answered, and what `ScriptRunner.run` throws
   */
  run<A, R>(script: Script<A, R>, args: A, options?: RunOptions): Promise<R> {
    // No async function: every call comes this way, and the queue of nearly all has been declared.
    if (this.#closed) return Promise.reject(new ClosedError(`Queue "${this.name}"`, `run ${script.name}`));
    const { scripts: runner } = this.connection;
    if (this.#declared === DONE) return runner.run(script, this.base, args, options);
    return this.declare().then(() => runner.run(script, this.base, args, options));
  }

  /**
   * Runs a command for a caller outside, who gets errors of the catalogue only.
   *
   * @throws NoRedisError when something was asked and not answered
   * @throws OutcomeUnknownError when a change was sent and not answered
   */
  async ask<A, R>(script: Script<A, R>, args: A): Promise<R> {
    try {
      return await this.run(script, args);
    } catch (error) {
      if (!(error instanceof CallUnknownError)) throw error;
      if (script.repeat === 'read') throw this.#noAnswer(error);
      throw new OutcomeUnknownError(this.name, script.name, [], { cause: error });
    }
  }

  /**
   * Enters the queue in the registry of its prefix and makes sure that it is the queue it is taken for. Once a context.
   *
   * @throws QueueMismatchError when the name is registered with another slot, format or kind of time
   * @throws NoRedisError also where Redis did not answer: declaring twice is declaring once
   */
  declare(): Promise<void> {
    this.#declared ??= this.#declare().then(
      () => void (this.#declared = DONE),
      (error: unknown) => {
        this.#declared = undefined;
        throw error instanceof CallUnknownError ? this.#noAnswer(error) : error;
      },
    );
    return this.#declared;
  }

  /** The queue is gone: the next command declares it anew. */
  undeclare(): void {
    this.#declared = undefined;
  }

  /** Refuses further commands. */
  close(): void {
    this.#closed = true;
  }

  /** The error for a queue that uses something this release does not know. */
  upgradeRequired(what: string): UpgradeRequiredError {
    return new UpgradeRequiredError(this.name, what);
  }

  #noAnswer(error: CallUnknownError): NoRedisError {
    return new NoRedisError(this.connection.description, error.message, { cause: error });
  }

  async #declare(): Promise<void> {
    const { connection, name } = this;
    const place = `${FORMAT}\t${this.slot ?? ''}`;
    const registered = await connection.scripts.run(scripts.register, registryKey(connection.prefix), { name, place });
    if (registered.place !== place) {
      const [format = '', slot = ''] = registered.place.split('\t');
      if (format !== String(FORMAT)) throw new QueueMismatchError(name, 'format', format, String(FORMAT));
      throw new QueueMismatchError(name, 'slot', slot, this.slot ?? '');
    }
    const virtual = this.clock.isVirtual ? 1 : 0;
    const declared = await connection.scripts.run(scripts.declare, this.base, { virtual });
    if (declared.format > FORMAT) throw this.upgradeRequired(`records of format ${declared.format}`);
    if (declared.virtual !== virtual) {
      throw new QueueMismatchError(
        name,
        'time',
        declared.virtual === 1 ? 'virtual' : 'real',
        virtual === 1 ? 'virtual' : 'real',
      );
    }
  }
}

const DONE = Promise.resolve();
