import { JobsError, type ErrorCode } from '@millrace/core';

import { severalProblems } from '../jobs.messages.js';

/** One thing that keeps the application from starting. */
export interface BootProblem {
  readonly code: ErrorCode;
  readonly message: string;
  /** The error behind it, where there is one. */
  readonly cause?: unknown;
}

/**
 * The application cannot start. All that was found is said at once, numbered; `problems` has each with its own code.
 * `code` is that of the first.
 */
export class JobsBootError extends JobsError {
  static {
    this.prototype.name = 'JobsBootError';
  }

  // Private, so that a logger which prints what an error has does not say everything twice.
  readonly #problems: readonly BootProblem[];

  constructor(problems: readonly [BootProblem, ...BootProblem[]]) {
    const texts = problems.map(({ code, message }) => `${message} [${code}]`);
    const [first] = problems;
    super(first.code, texts.length === 1 ? texts.join() : severalProblems(texts));
    this.#problems = problems;
  }

  /** Each thing that is wrong. */
  get problems(): readonly BootProblem[] {
    return this.#problems;
  }
}

/** What a caught error says, as a problem. */
export function toProblem(error: unknown): BootProblem {
  if (JobsError.is(error)) return { code: error.code, message: error.message, cause: error };
  throw error;
}
