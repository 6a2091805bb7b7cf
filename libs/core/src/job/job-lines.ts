import type { ResolvedUnique } from '../options/job/unique-options.js';

/**
 * What the core has to know of a job in words: `letter \t value \t value …`, by letter. `t` its tags; `g` its group; `r` what it uses; `u`, which is only
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

/** Amounts by resource, of the line `r`; behind them may stand its turn. */
export function usesOf(values: readonly string[] = []): Record<string, number> {
  const uses: Record<string, number> = {};
  for (let i = 0; i + 1 < values.length; i += 2) uses[values[i]!] = Number(values[i + 1]);
  return uses;
}

/** The letter of the field that says when a unique key is released; empty where its time alone does. */
export function uniqueLetter({ until }: ResolvedUnique): 'u' | 'v' | '' {
  return until === 'finished' ? 'u' : until === 'started' ? 'v' : '';
}
