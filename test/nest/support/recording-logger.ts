import type { LoggerService } from '@nestjs/common';

/** One line that the application logged. */
export interface LogLine {
  readonly level: 'log' | 'error' | 'warn' | 'debug' | 'verbose' | 'fatal';
  readonly text: string;
  readonly context: string | undefined;
  /** Whether a stack was written with it. */
  readonly hasStack: boolean;
}

/** Keeps what Nest's logger is given instead of printing it. */
export class RecordingLogger implements LoggerService {
  readonly lines: LogLine[] = [];

  log = (...said: unknown[]): void => this.#keep('log', said);
  error = (...said: unknown[]): void => this.#keep('error', said);
  warn = (...said: unknown[]): void => this.#keep('warn', said);
  debug = (...said: unknown[]): void => this.#keep('debug', said);
  verbose = (...said: unknown[]): void => this.#keep('verbose', said);
  fatal = (...said: unknown[]): void => this.#keep('fatal', said);

  /** The lines of one level, of our own contexts unless `context` says another. */
  of(level: LogLine['level'], context = 'Millrace'): string[] {
    return this.lines.filter((line) => line.level === level && line.context === context).map(({ text }) => text);
  }

  #keep(level: LogLine['level'], [message, ...rest]: unknown[]): void {
    const context = rest.at(-1);
    const hasStack = message instanceof Error || rest.slice(0, -1).some((part) => /\n\s+at /.test(String(part)));
    const text = message instanceof Error ? message.message : String(message);
    this.lines.push({ level, text, context: typeof context === 'string' ? context : undefined, hasStack });
  }
}
