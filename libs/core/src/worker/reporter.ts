import type { FailureInfo, WorkerHooks } from '../options/index.js';
import type { Ending, EndLetter } from './ending.js';
import type { HookRunner } from './hook-runner.js';
import type { Run } from './run.js';

/** Which hooks hear of an attempt that ended so; the other ends are nobody's business. */
const HEARD_BY: { readonly [L in EndLetter]?: readonly (keyof WorkerHooks)[] } = Object.freeze({
  c: ['onSuccess'],
  q: ['onSuccess'],
  m: ['onSuccess'],
  r: ['onFailure', 'onTimeout'],
  f: ['onFailure', 'onTimeout', 'onPermanentFailure'],
  t: ['onTimeout', 'onPermanentFailure'],
  b: ['onPermanentFailure'],
  x: ['onCancel'],
});

/** Tells hooks how attempts ended: once Redis has answered, so that what they hear is fact. */
export class Reporter {
  readonly #hooks: HookRunner;
  readonly #now: () => number;
  /** Letters. */
  readonly #heard: string;

  constructor(hooks: HookRunner, now: () => number) {
    this.#hooks = hooks;
    this.#now = now;
    const heard = Object.entries(HEARD_BY).filter(([, names]) => names.some((name) => hooks.has(name)));
    this.#heard = heard.map(([letter]) => letter).join('');
  }

  /** Whether a hook hears of such an end: then a job keeps its slot until it has been told. */
  hears({ letter, tell }: Ending): boolean {
    return tell !== undefined || this.#heard.includes(letter);
  }

  /** The end of an attempt was accepted. */
  async settled(run: Run, ending: Ending): Promise<void> {
    const { letter, error, tell, delayMs } = ending;
    if (tell !== undefined && error !== undefined) {
      await this.#hooks.callOther('onError', tell, run.job.run, error, this.#info(letter, delayMs));
    }
    await this.#attempt(run, ending);
    if (error === undefined || (letter !== 'f' && letter !== 't' && letter !== 'b')) return;
    const state = letter === 'f' ? 'failed' : letter === 't' ? 'timed_out' : 'broken';
    await this.#hooks.call('onPermanentFailure', run.job.run, error, { state });
  }

  /** The run was lost with its lease; it runs again elsewhere. A worker that was fenced off tells nothing but that. */
  lost(run: Run): Promise<void> {
    return this.#hooks.call('onTimeout', run.job.run, { kind: 'lease', willRetry: true });
  }

  /** The job was cancelled while it ran. */
  cancelled(run: Run): Promise<void> {
    return this.#hooks.call('onCancel', run.job.run);
  }

  #info(letter: EndLetter, delayMs = 0): FailureInfo {
    const willRetry = letter === 'r' || letter === 'u';
    return willRetry ? { willRetry, nextRunAt: new Date(this.#now() + delayMs) } : { willRetry };
  }

  #attempt({ job }: Run, { letter, result, error, isTimeout, delayMs }: Ending): Promise<void> | undefined {
    const willRetry = letter === 'r';
    switch (letter) {
      case 'c':
      case 'q':
      case 'm':
        return this.#hooks.call('onSuccess', job.run, result);
      case 'r':
      case 'f':
      case 't':
        if (error === undefined) return undefined;
        if (isTimeout === true) return this.#hooks.call('onTimeout', job.run, { kind: 'deadline', willRetry });
        return this.#hooks.call('onFailure', job.run, error, this.#info(letter, delayMs));
      case 'x':
        return this.#hooks.call('onCancel', job.run);
      default:
        return undefined;
    }
  }
}
