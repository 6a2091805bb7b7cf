import { parseArgs } from 'node:util';

/** What `npm run model` was asked for. */
export interface Arguments {
  readonly runs: number;
  readonly seed: number;
  /** Commands of a sequence at most. */
  readonly length: number;
  /** Where in the drawn sequences a failure was, as it was printed; with `replay`. */
  readonly path: string | undefined;
  readonly replay: string | undefined;
  readonly isDefects: boolean;
  /** How long defects are hunted at most, all together. */
  readonly seconds: number;
  /** One defect by its name. */
  readonly only: string | undefined;
}

/** @throws Error for an argument that is none */
export function readArguments(argv: readonly string[], freshSeed: number): Arguments {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      runs: { type: 'string' },
      seed: { type: 'string' },
      length: { type: 'string' },
      path: { type: 'string' },
      replay: { type: 'string' },
      defects: { type: 'boolean' },
      seconds: { type: 'string' },
      only: { type: 'string' },
    },
  });
  return {
    runs: whole('runs', values.runs, 200),
    seed: whole('seed', values.seed, freshSeed),
    length: whole('length', values.length, 200),
    path: values.path,
    replay: values.replay,
    isDefects: values.defects === true || values.only !== undefined,
    seconds: whole('seconds', values.seconds, 900),
    only: values.only,
  };
}

function whole(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (/^-?\d{1,10}$/.test(text)) return Number(text);
  throw new Error(`--${name} is "${text}". Pass a whole number.`);
}
