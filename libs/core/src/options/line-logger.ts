import type { Logger } from './logger.js';

/** How lines are written. */
export interface LineLoggerOptions {
  /** What is below it is not written. @default 'info' */
  readonly level?: keyof Logger | undefined;
  /** Gets each line, without a line break. @default standard output */
  readonly write?: ((line: string) => void) | undefined;
  /** Stand in every line, such as a host or a service. */
  readonly fields?: object | undefined;
}

const LEVELS = ['debug', 'info', 'warn', 'error'] as const satisfies readonly (keyof Logger)[];

/** Writes a JSON object a line: `time`, `level`, `message`, then the fields. Errors become `{ name, message, stack }`. */
export function jsonLogger(options: LineLoggerOptions = {}): Logger {
  return lineLogger(options, (time, level, message, fields) =>
    JSON.stringify({ time, level, message, ...fields }, (_, value: unknown) => plain(value)),
  );
}

/** Writes a line of text: time, level, message, then the fields as `name=value`. */
export function textLogger(options: LineLoggerOptions = {}): Logger {
  return lineLogger(options, (time, level, message, fields) => {
    const parts = Object.entries(fields).filter(([, value]) => value !== undefined);
    return [
      time,
      level.toUpperCase().padEnd(5),
      message,
      ...parts.map(([name, value]) => `${name}=${show(value)}`),
    ].join(' ');
  });
}

function lineLogger(
  { level: from = 'info', write = writeOut, fields: everywhere }: LineLoggerOptions,
  format: (time: string, level: keyof Logger, message: string, fields: object) => string,
): Logger {
  const methods = LEVELS.map((level, index) => {
    if (index < LEVELS.indexOf(from)) return [level, () => {}] as const;
    return [
      level,
      (message: string, fields?: object) =>
        write(format(new Date().toISOString(), level, message, { ...everywhere, ...fields })),
    ] as const;
  });
  return Object.freeze(Object.fromEntries(methods) as unknown as Logger);
}

function writeOut(line: string): void {
  process.stdout.write(`${line}\n`);
}

function plain(value: unknown): unknown {
  if (value instanceof Error) return { name: value.name, message: value.message, stack: value.stack };
  return typeof value === 'bigint' ? String(value) : value;
}

function show(value: unknown): string {
  if (value instanceof Error) return JSON.stringify(value.message);
  if (typeof value === 'string') return /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
  return JSON.stringify(value, (_, inner: unknown) => plain(inner)) ?? String(value);
}
