import { parseArgs } from 'node:util';

import { SCENARIOS, type ScenarioName } from './scenarios.js';

/** What a run of the benchmark is to measure. */
export interface BenchArguments {
  readonly rounds: number;
  /** Divides the number of jobs: a quick run shows the ratios, not the last percent. */
  readonly isQuick: boolean;
  readonly scenarios: readonly ScenarioName[];
  /** Where to write the results as JSON. */
  readonly json: string | undefined;
}

const QUICK: readonly ScenarioName[] = ['enqueue', 'add-many', 'drain-1', 'drain-100'];
const FULL_ROUNDS = 5;
const QUICK_ROUNDS = 3;

/** Reads the command line. Exits with a sentence when it cannot be read. */
export function readArguments(argv: readonly string[]): BenchArguments {
  const { values } = parseArgs({
    args: [...argv],
    options: { quick: { type: 'boolean', default: false }, scenario: { type: 'string' }, json: { type: 'string' } },
  });
  const known = Object.keys(SCENARIOS) as ScenarioName[];
  const asked = values.scenario?.split(',') ?? (values.quick ? QUICK : known);
  const unknown = asked.find((name) => !(known as string[]).includes(name));
  if (unknown !== undefined) {
    console.error(`There is no scenario "${unknown}". Known: ${known.join(', ')}.`);
    process.exit(2);
  }
  return {
    rounds: values.quick ? QUICK_ROUNDS : FULL_ROUNDS,
    isQuick: values.quick,
    scenarios: asked as ScenarioName[],
    json: values.json,
  };
}
