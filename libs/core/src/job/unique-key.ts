import { createHash } from 'node:crypto';

/** Enough of a hash that no two keys of a queue will ever share it; as digits it is short. */
const BYTES = 15;

/** The key of a job that is unique by its name and data: `text` is its payload, in whichever order its keys stand. */
export function keyOfData(name: string, text: string): string {
  const data = text === '' ? '' : canonicalJson(JSON.parse(text));
  return digits(`d\n${name}\n${data}`);
}

/** The key of a job that is unique by a text of the user's. */
export function keyOfText(key: string): string {
  return digits(`k\n${key}`);
}

/** As digits: the core tells the fields of a job apart by their letters. */
function digits(text: string): string {
  const hash = createHash('sha256').update(text).digest('hex');
  return BigInt(`0x${hash.slice(0, 2 * BYTES)}`).toString();
}

/** JSON with sorted keys and without spaces, as RFC 8785 has it. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${canonicalJson(field)}`).join(',')}}`;
}
