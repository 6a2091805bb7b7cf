import type { FinalState } from './job-state.js';
import { encodeRef, type JobRef } from './job-ref.js';
import { decodePayload } from './payload.js';

/** What came of a job on which another one depends. */
export interface DependencyResult {
  readonly queue: string;
  readonly id: string;
  /** How it had ended when the other one was let go; `gone`: it was removed, or never there; `undefined`: it has not ended. */
  readonly state: FinalState | 'gone' | undefined;
  /** What its handler returned; `undefined` if it did not complete. */
  readonly result: unknown;
  /** It completed, but its result is lost: it had more than 64 KiB, and the job was pruned or retried since. */
  readonly isLost: boolean;
}

const STATES: Readonly<Record<string, FinalState | 'gone'>> = Object.freeze({
  c: 'completed',
  '>': 'completed',
  f: 'failed',
  t: 'timed_out',
  b: 'broken',
  x: 'cancelled',
  X: 'cancelled',
  R: 'gone',
});

/** The results of the jobs on which one depends: `results.get(load)`, `[...results]`. */
export class DependencyResults implements Iterable<DependencyResult> {
  readonly #queue: string;
  readonly #byRef: ReadonlyMap<string, DependencyResult>;

  /** @param queue the name of the queue of the job that depends on them */
  constructor(queue: string, results: readonly DependencyResult[]) {
    this.#queue = queue;
    this.#byRef = new Map(results.map((result) => [encodeRef(result, queue), result]));
  }

  get size(): number {
    return this.#byRef.size;
  }

  /**
   * What a job returned, by its id, or by queue and id where it is in another queue; `undefined` if it did not complete, or the
   * job does not depend on it.
   */
  get(job: JobRef): unknown {
    return this.of(job)?.result;
  }

  /** All that is known of what came of a job. */
  of(job: JobRef): DependencyResult | undefined {
    return this.#byRef.get(typeof job === 'string' ? job : encodeRef(job, this.#queue));
  }

  /** In the order in which `dependsOn` has them. */
  [Symbol.iterator](): Iterator<DependencyResult> {
    return this.#byRef.values();
  }
}

/** Reads a row of the core: how the job ended, and its result. */
export function decodeDependencyResult(
  { queue, id }: { readonly queue: string; readonly id: string },
  letter: string,
  text: string,
): DependencyResult {
  const decoded = letter === 'c' ? decodePayload(text) : undefined;
  return {
    queue,
    id,
    state: STATES[letter],
    result: decoded?.ok === true ? decoded.value : undefined,
    isLost: letter === '>',
  };
}
