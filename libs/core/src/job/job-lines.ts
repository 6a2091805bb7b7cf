import type { ResolvedUnique } from '../options/index.js';

/**
 * What the core has to know of a job in words: `letter \t value \t value …`, by letter. `t` its tags; `u`, which is only
 * said when a job is added, its unique key.
 */
export type JobLines = ReadonlyMap<string, readonly string[]>;

export const NO_LINES: JobLines = new Map();

/** As `add-checked` takes them; empty without lines. */
export function encodeLines(lines: JobLines): string {
  return Array.from(lines, ([letter, values]) => [letter, ...values].join('\t')).join('\n');
}

/** Reads what is stored of a job. */
export function decodeLines(text: string | null | undefined): JobLines {
  if (!text) return NO_LINES;
  return new Map(
    text.split('\n').map((line) => {
      const [letter = '', ...values] = line.split('\t');
      return [letter, values];
    }),
  );
}

/** The letter of the field that says when a unique key is released; empty where its time alone does. */
export function uniqueLetter({ until }: ResolvedUnique): 'u' | 'v' | '' {
  return until === 'finished' ? 'u' : until === 'started' ? 'v' : '';
}
