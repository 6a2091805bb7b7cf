import { rawCommand } from '../../support/redis-client.ts';

/** Empties the script cache of a Redis again and again. */
export class ScriptFlusher {
  /** How often it was emptied. */
  count = 0;
  readonly #ended: Promise<void>;
  #isEnding = false;

  constructor(port: number, everyMs: number) {
    this.#ended = this.#run(port, everyMs);
  }

  async stop(): Promise<void> {
    this.#isEnding = true;
    await this.#ended;
  }

  async #run(port: number, everyMs: number): Promise<void> {
    while (!this.#isEnding) {
      await rawCommand(port, ['SCRIPT', 'FLUSH']);
      this.count += 1;
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }
}
