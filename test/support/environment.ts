import { TestEnvironment } from 'jest-environment-node';
import { findLeaks, removeAllKeys, takeBaseline, type Baseline } from './leak-check.ts';
import { redisUrl } from './redis.ts';

interface RunState {
  readonly unhandledErrors: unknown[];
}

/** Node's test environment, which fails a test file that leaves keys, connections, processes, threads or timers. */
export default class LeakCheckedEnvironment extends TestEnvironment {
  readonly #port = Number(new URL(redisUrl()).port);
  #before!: Baseline;

  override async setup(): Promise<void> {
    await super.setup();
    this.#before = await takeBaseline(this.#port);
  }

  /** The end of a run comes after the file's last hook, so whatever is open then stays open. */
  async handleTestEvent(event: { readonly name: string }, state: RunState): Promise<void> {
    if (event.name !== 'run_finish') return;
    const leaks = await findLeaks(this.#before, this.#port);
    await removeAllKeys(this.#port);
    if (leaks.length > 0) state.unhandledErrors.push(new Error(`the file left something:\n  ${leaks.join('\n  ')}`));
  }
}
