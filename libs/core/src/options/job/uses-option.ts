import { InvalidOptionError } from '../../errors/index.js';
import { validateName } from '../../job/names.js';
import { wholeNumber } from '../check/checks.js';
import type { Check } from '../check/fields.js';

/** Amounts by the names of resources. */
export type Uses = Readonly<Record<string, number>>;

const MAX_RESOURCES = 16;

/** The most that a job can use of a resource, and that there can be of one. */
export const MAX_AMOUNT = 999_999_999;

const amount = wholeNumber(1, MAX_AMOUNT);

/** In the order of the names, so that the same uses are the same text. */
export const checkUses: Check<Uses> = (value, path, where) => {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  const entries = isObject ? Object.entries(value) : [];
  if (!isObject || entries.length > MAX_RESOURCES) {
    const expected = `amounts by name, of at most ${MAX_RESOURCES} resources: { gpu: 1 }`;
    throw new InvalidOptionError({ where, path, value, expected });
  }
  const uses: [string, number][] = entries.map(([name, used]) => [
    validateName('resource', name),
    amount(used, `${path}.${name}`, where),
  ]);
  return Object.freeze(Object.fromEntries(uses.sort(([a], [b]) => (a < b ? -1 : 1))));
};
