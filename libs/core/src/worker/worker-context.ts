import { describeError } from '../errors/index.js';
import type { Logger, ResolvedContext } from '../options/index.js';

/** What the handlers of one worker share: made before its first job, ended after its last. */
export class WorkerContext {
  readonly #source: ResolvedContext | undefined;
  readonly #logger: Logger;
  #value: unknown;
  #isOpen = false;
  #isClosed = false;

  constructor(source: ResolvedContext | undefined, logger: Logger) {
    this.#source = source;
    this.#logger = logger;
  }

  get value(): unknown {
    return this.#value;
  }

  /** @throws what the application's function throws */
  async open(): Promise<void> {
    if (this.#source === undefined) return;
    this.#value = await this.#source.open();
    this.#isOpen = true;
    // Nobody waits for what takes long to open when the worker was stopped meanwhile.
    if (this.#isClosed) await this.close();
  }

  /** Never rejects: the jobs are done, and what is left over is logged. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (!this.#isOpen) return;
    this.#isOpen = false;
    try {
      await this.#source?.close?.(this.#value);
    } catch (error) {
      this.#logger.error(`The context of a worker could not be closed: ${describeError(error).message}`);
    }
  }
}
