/** What became of a row that was not simply added. */
export interface OddRow {
  /** As of `add-checked`; empty where there is only a state. */
  readonly fate: string;
  /** Who holds or held the unique key; the dependency that is not there, or waits for the job. */
  readonly other?: string;
  /** Of a job with dependencies: `b` blocked, `f` or `x` ended by them at once. */
  readonly state?: string;
}

const WITH_OTHER: ReadonlySet<string> = new Set('DESBMW');
const STATES: ReadonlySet<string> = new Set('bfx');

/** Reads what `add-checked` says of rows, by their number from 1. */
export function readOddRows(text: string, others: readonly string[]): ReadonlyMap<number, OddRow> {
  const odd = new Map<number, OddRow>();
  let next = 0;
  for (const row of text === '' ? [] : text.split(',')) {
    const number = parseInt(row, 10);
    const letter = row.slice(-1);
    const known = odd.get(number) ?? { fate: '' };
    if (STATES.has(letter)) odd.set(number, { ...known, state: letter });
    else odd.set(number, WITH_OTHER.has(letter) ? { fate: letter, other: others[next++] ?? '' } : { fate: letter });
  }
  return odd;
}
