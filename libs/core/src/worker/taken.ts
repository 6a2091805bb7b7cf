/** A run that was taken from this worker while it lived. */
export interface TakenRun {
  readonly number: number;
  readonly id: string;
  readonly token: string;
  readonly reason: 'cancelled' | 'replaced' | 'expired' | (string & {});
}

/** Reads the notices of runs taken away: lines of number, id, token, reason. */
export function parseTaken(text: string): TakenRun[] {
  if (text === '') return [];
  return text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [number = '0', id = '', token = '', reason = ''] = line.split('\t');
      return { number: Number(number), id, token, reason };
    });
}
