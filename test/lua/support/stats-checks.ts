import type { Keyspace } from './keyspace.js';

const LETTERS = ['c', 'f', 't', 'b', 'x', 'r', 's'];
const SPREAD = /^\d+,[\d.e+-]+,[\d.e+-]+(,\d+){0,29}$/;

/** Counts of names add up to those of all, days to those of all days; no spread counts other than its buckets do. */
export function checkStats(keys: Keyspace): string[] {
  const faults: string[] = [];
  const days = keys.namesUnder('st').filter((day) => day !== 'all');
  const known = Object.keys(keys.sorted('sd'));
  if (known.sort().join() !== [...days].sort().join()) faults.push(`sd has ${known.join()}, there are ${days.join()}`);
  const sums: Record<string, number> = {};
  for (const day of days) {
    const fields = keys.hash(`st:${day}`);
    const names = new Set(Object.keys(fields).map((field) => field.split('\t')[0] ?? ''));
    names.delete('');
    if (names.size > 1_001) faults.push(`st:${day} has ${names.size} names`);
    for (const name of names) if (keys.sorted('sm')[name] === undefined) faults.push(`sm has no ${name}`);
    for (const letter of LETTERS) {
      const sum = [...names].reduce((total, name) => total + Number(fields[`${name}\t${letter}`] ?? 0), 0);
      if (sum !== Number(fields[`\t${letter}`] ?? 0)) faults.push(`st:${day}: ${letter} of all is not ${sum}`);
      sums[letter] = (sums[letter] ?? 0) + sum;
    }
    for (const [field, text] of Object.entries(fields)) {
      if (/\t[RW]$/.test(field)) faults.push(...spread(`st:${day} ${field}`, text));
    }
  }
  // Days past their retention are gone, and count on in all.
  for (const letter of LETTERS) {
    const all = Number(keys.hash('st:all')[`\t${letter}`] ?? 0);
    if (all < (sums[letter] ?? 0)) faults.push(`st:all: ${letter} is ${all}, less than ${sums[letter]}`);
  }
  return faults;
}

function spread(what: string, text: string): string[] {
  if (!SPREAD.test(text)) return [`${what} is ${JSON.stringify(text)}`];
  const [count = 0, , , ...buckets] = text.split(',').map(Number);
  const sum = buckets.reduce((a, b) => a + b, 0);
  return sum === count ? [] : [`${what} counts ${count}, its buckets ${sum}`];
}
