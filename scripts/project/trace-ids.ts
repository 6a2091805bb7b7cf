import type { TestResult } from './test-run.js';

/** A family of guarantees and its ids. */
export interface Family {
  readonly family: string;
  readonly required: readonly string[];
  readonly later: readonly string[];
  /** Ids that come before all others: see {@link putOff}. */
  readonly urgent: readonly string[];
  /** With which part of Millrace an id for later comes. */
  readonly parts: ReadonlyMap<string, string>;
}

/** The parts that are still to be built. What is urgent and can only be shown by one of them waits for it. */
const PARTS_TO_COME: readonly string[] = ['the dashboard'];

interface Listed {
  readonly required: readonly string[];
  readonly later: Readonly<Record<string, readonly string[]>>;
  readonly urgent?: readonly string[];
}

/** What a test run has shown of a family. */
export interface FamilyTrace extends Family {
  /** Required ids without a test, or with a test that did not pass. */
  readonly open: readonly string[];
}

/** Reads test/trace.json: per family the required ids, those for later by their part, the urgent ones; "A1-A22" is a range. */
export function familiesOf(json: string): Family[] {
  const data = JSON.parse(json) as Record<string, Listed>;
  return Object.entries(data).map(([family, { required, later, urgent = [] }]) => {
    const parts = Object.entries(later).flatMap(([part, ids]) =>
      ids.flatMap(expand).map((id): [string, string] => [id, part]),
    );
    return {
      family,
      required: required.flatMap(expand),
      later: parts.map(([id]) => id),
      urgent: urgent.flatMap(expand),
      parts: new Map(parts),
    };
  });
}

/** What is wrong with the urgent ids of a family: each is required, or belongs to a part that is still to be built. */
export function putOff({ family, required, urgent, parts }: Family): string[] {
  return urgent.flatMap((id) => {
    if (required.includes(id)) return [];
    const part = parts.get(id);
    if (part === undefined) return [`${family}:${id} is urgent, and neither required nor for later`];
    if (PARTS_TO_COME.includes(part)) return [];
    return [`${family}:${id} is urgent and cannot be for later: "${part}" is no part that is still to be built`];
  });
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
