import { jsonLogger, textLogger, type Logger } from '../../options/index.js';

/** The lines of the process itself: text for people, JSON where they are collected. */
export function lineLogger(): Logger {
  const write = (line: string): void => void process.stderr.write(`${line}\n`);
  return process.stderr.isTTY ? textLogger({ write }) : jsonLogger({ write });
}
