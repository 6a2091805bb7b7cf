import { failureReason } from '../client/failure.js';
import type { Link } from '../client/link.js';
import type { Logger } from '../../options/index.js';
import { connectionFailure, isFinal } from './connection-failure.js';

/**
 * Says once that Redis is away and why, once more when the reason changes, and once that it is back, however many
 * clients of the connection notice and however often they try.
 */
export class StateLog {
  readonly #logger: Logger;
  readonly #description: string;
  readonly #isAwaited: boolean;
  readonly #down = new Set<Link>();
  #since = 0;
  #reason: string | undefined;
  #wasReady = false;

  /** @param isAwaited whether somebody waits for the first answer: he hears of a final failure anyway */
  constructor(logger: Logger, description: string, isAwaited: boolean) {
    this.#logger = logger;
    this.#description = description;
    this.#isAwaited = isAwaited;
  }

  /** Follows a client until it is closed. */
  watch(link: Link): void {
    if (link.isReady) this.#wasReady = true;
    link.onChange((state, error) => {
      if (state === 'ready') this.#up(link);
      else if (state === 'down') this.#failed(link, error);
      else this.#down.delete(link);
    });
  }

  #failed(link: Link, error: Error | undefined): void {
    if (this.#down.size === 0) this.#since = performance.now();
    const isNew = this.#down.size === 0;
    this.#down.add(link);
    // A close without an error is followed by the failure of the next try, which says more.
    const reason = error === undefined ? undefined : failureReason(error);
    if (isNew && this.#wasReady) {
      this.#logger.warn(
        `Lost the connection to Redis at ${this.#description}${reason === undefined ? '' : ` (${reason})`}. Trying again.`,
      );
    }
    if (error === undefined || reason === this.#reason) return;
    if (this.#isAwaited && !this.#wasReady && isFinal(error)) return;
    this.#reason = reason;
    this.#logger.warn(`${connectionFailure(error, this.#description).message} Trying again.`);
  }

  #up(link: Link): void {
    const wasDown = this.#down.delete(link);
    if (wasDown && this.#down.size === 0) {
      this.#reason = undefined;
      const seconds = ((performance.now() - this.#since) / 1_000).toFixed(1);
      this.#logger.info(`Redis at ${this.#description} answers${this.#wasReady ? ' again' : ''} after ${seconds} s.`);
    }
    this.#wasReady = true;
  }
}
