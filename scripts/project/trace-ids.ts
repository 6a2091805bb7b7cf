import type { TestResult } from './test-run.js';

/** A family of guarantees and its ids. */
export interface Family {
  readonly family: string;
  readonly required: readonly string[];
  readonly later: readonly string[];
}

/** What a test run has shown of a family. */
export interface FamilyTrace extends Family {
  /** Required ids without a test, or with a test that did not pass. */
  readonly open: readonly string[];
}

/** Reads test/trace.json: per family the required ids and those for later; "A1-A22" is a range. */
export function familiesOf(json: string): Family[] {
  const data = JSON.parse(json) as Record<string, { required: string[]; later: string[] }>;
  return Object.entries(data).map(([family, { required, later }]) => ({
    family,
    required: required.flatMap(expand),
    later: later.flatMap(expand),
  }));
}

function expand(range: string): string[] {
  const [, letter = '', first, , last] = /^([A-Z]+)(\d+)(-[A-Z]+(\d+))?$/.exec(range) ?? [];
  if (first === undefined) throw new Error(`test/trace.json: "${range}" is neither an id nor a range of ids`);
  const from = Number(first);
  return Array.from({ length: Number(last ?? first) - from + 1 }, (_, index) => `${letter}${from + index}`);
}

/** The ids that a test title carries, as in "loses nothing [core:A1] [nest:H2]". */
export function idsIn(title: string): string[] {
  return [...title.matchAll(/\[([a-z]+:[A-Z]+\d+(?:[ ,]+[a-z]+:[A-Z]+\d+)*)\]/g)].flatMap(
    (match) => match[1]?.split(/[ ,]+/) ?? [],
  );
}

/** Compares a family with the tests of a run: an id is shown when it has tests and all of them passed. */
export function traceOf(family: Family, tests: readonly TestResult[]): FamilyTrace {
  const passed = new Map<string, boolean>();
  for (const { title, status } of tests) {
    for (const id of idsIn(title)) passed.set(id, (passed.get(id) ?? true) && status === 'passed');
  }
  return { ...family, open: family.required.filter((id) => passed.get(`${family.family}:${id}`) !== true) };
}
