/** Reads the JSON that a run has left behind. */
import { readFile } from 'node:fs/promises';

import type { BenchReport } from '../result.js';

/** @throws Error with a sentence, when the file cannot be read or is no report. */
export async function readReport(file: string): Promise<BenchReport> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Error(`${file} cannot be read (${error.code}).`, { cause: error });
  });
  const value = parse(text);
  if (isReport(value)) return value;
  throw new Error(`${file} is no report of the benchmark: "npm run bench -- --json FILE" writes one.`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The parts that every report has; what they hold is the harness's word. */
function isReport(value: unknown): value is BenchReport {
  if (typeof value !== 'object' || value === null) return false;
  const { machine, versions, settings, notes, results } = value as Partial<Record<keyof BenchReport, unknown>>;
  const objects = [machine, versions, settings];
  return objects.every((part) => typeof part === 'object' && part !== null) && [notes, results].every(Array.isArray);
}
