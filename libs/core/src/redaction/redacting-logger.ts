import type { Redaction } from './redaction.js';

type Write = (message: string, fields?: object) => void;

/** The methods of a logger. */
interface Lines {
  debug: Write;
  info: Write;
  warn: Write;
  error: Write;
}

/** Loggers made here, with what hides in them: a line must not be looked at twice. */
const MADE = new WeakMap<Lines, Redaction>();

/** A logger that hands on what is left of each line, its message and its fields, when secrets are hidden. */
export function redactingLogger<L extends Lines>(logger: L, redaction: Redaction): Lines {
  if (MADE.get(logger) === redaction) return logger;
  const through =
    (level: keyof Lines): Write =>
    (message, fields) => {
      if (fields === undefined) logger[level](redaction.text(message));
      else logger[level](redaction.text(message), redaction.value(fields) as object);
    };
  const made = Object.freeze({
    debug: through('debug'),
    info: through('info'),
    warn: through('warn'),
    error: through('error'),
  });
  MADE.set(made, redaction);
  return made;
}
