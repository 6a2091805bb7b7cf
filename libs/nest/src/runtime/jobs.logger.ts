import { Logger as NestLogger } from '@nestjs/common';
import type { Logger, Redaction } from '@millrace/core';
import { redactingLogger } from '@millrace/core/internal';

const nest = new NestLogger('Millrace');

/** Writes what the core says to Nest's logger, whichever the application uses. */
export const jobsLogger: Logger = Object.freeze({
  debug: (message: string, fields?: object) => nest.debug(line(message, fields)),
  info: (message: string, fields?: object) => nest.log(line(message, fields)),
  warn: (message: string, fields?: object) => nest.warn(line(message, fields)),
  error: (message: string, fields?: object) => {
    const { stack, ...rest } = { ...fields } as { stack?: unknown };
    if (typeof stack === 'string') nest.error(line(message, rest), stack);
    else nest.error(line(message, rest));
  },
});

/** Fields stand behind the sentence as `queue=mail job=42`, so that every logger shows them. */
function line(message: string, fields: object | undefined): string {
  const parts = Object.entries(fields ?? {}).filter(([, value]) => value !== undefined);
  return [message, ...parts.map(([name, value]) => `${name}=${show(value)}`)].join(' ');
}

function show(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : (JSON.stringify(value) ?? String(value));
}

/** The logger of a root: its own, or Nest's, without what its option `redact` hides. */
export function loggerOf({
  options: { logger = jobsLogger, redact },
}: {
  readonly options: { readonly logger?: Logger | undefined; readonly redact: Redaction };
}): Logger {
  return redactingLogger(logger, redact);
}
