import { BrokenPayloadError, JobsError, type ActiveJob } from '@millrace/core';

import { ForbiddenJobError } from '../errors/forbidden-job.error.js';

/** The status of Nest's `ForbiddenException`: what a guard that says no turns into. */
const FORBIDDEN = 403;

/** How far a run had come when something was thrown. */
export interface Stage {
  /** The payload was on its way through the pipes. */
  readonly payloadRead: boolean;
  /** The handler's own code had begun. */
  readonly entered: boolean;
}

/**
 * What an error means for the job. What enhancers refuse, they would refuse each time: a payload that a pipe turned down
 * makes the job `broken`, a guard's refusal fails it at once. Everything else is as if the handler had thrown it.
 */
export function judge(error: unknown, job: ActiveJob, stage: Stage): unknown {
  if (stage.entered || JobsError.is(error)) return error;
  const status = httpStatus(error);
  if (status === undefined) return error;
  if (stage.payloadRead) {
    return status >= 400 && status < 500
      ? new BrokenPayloadError(job.queue, job.id, reason(error), { cause: error })
      : error;
  }
  return status === FORBIDDEN ? new ForbiddenJobError(job.queue, job.id, { cause: error }) : error;
}

/** The status of an `HttpException`, of whichever copy of Nest: its class may exist twice in one process. */
function httpStatus(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('getStatus' in error) || typeof error.getStatus !== 'function') return undefined;
  const status: unknown = error.getStatus();
  return typeof status === 'number' ? status : undefined;
}

/** `BadRequestException` keeps the list of faults in its response and says only "Bad Request Exception" itself. */
function reason(error: unknown): string {
  const { getResponse, message } = error as Error & { getResponse?: () => unknown };
  const response = typeof getResponse === 'function' ? getResponse.call(error) : undefined;
  const said = typeof response === 'object' && response !== null && 'message' in response ? response.message : message;
  return Array.isArray(said) ? said.join('; ') : String(said);
}
