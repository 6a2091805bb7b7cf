/** Measures how much Millrace bears, and says where a figure is not what it must be. */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

import { thisCommit, thisMachine } from '../machine.js';
import { due, later, waiting } from './cases/backlog.js';
import { cycles, queues, served, workers } from './cases/breadth.js';
import { burst, groups, herd, kept } from './cases/crowd.js';
import { holds, type CaseResult, type Figure, type LimitCase } from './figure.js';
import { Scene } from './scene.js';

const CASES = { waiting, due, later, queues, served, workers, groups, herd, kept, cycles, burst };
const USAGE = `Usage: npm run bench:limits -- [--small | --size N] [--case ${Object.keys(CASES).join(',')}] [--json FILE]`;
/** A case that takes longer is given up: the command ends by itself. */
const CASE_LIMIT_MS = 10 * 60_000;

let current: Scene | undefined;
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop());

const options = {
  small: { type: 'boolean', default: false },
  size: { type: 'string' },
  case: { type: 'string' },
  json: { type: 'string' },
} as const;

async function measure(one: LimitCase, size: number): Promise<CaseResult> {
  const began = performance.now();
  const scene = await Scene.open();
  current = scene;
  const about = { id: one.id, title: one.title(size), size };
  try {
    const figures = await bounded(one.run(scene, size));
    return { ...about, tookMs: Math.round(performance.now() - began), figures };
  } catch (error) {
    return { ...about, tookMs: Math.round(performance.now() - began), figures: [], error: (error as Error).message };
  } finally {
    await scene.close();
  }
}

/** Ends the server of the case that is measured, and this process. */
async function stop(): Promise<void> {
  await current?.server.stop();
  process.exit(130);
}

async function bounded<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`It took more than ${CASE_LIMIT_MS / 60_000} minutes.`)), CASE_LIMIT_MS);
  });
  return Promise.race([work, tooLong]).finally(() => clearTimeout(timer));
}

function line(figure: Figure): string {
  const { what, value, unit, atMost, atLeast } = figure;
  const shown = `${Number(value.toPrecision(4))} ${unit}`.trim();
  const asked = atMost !== undefined ? `at most ${atMost}` : atLeast !== undefined ? `at least ${atLeast}` : '';
  return `  ${what.padEnd(50)} ${shown.padStart(16)}   ${asked}${holds(figure) ? '' : '   MISSED'}`;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ args: process.argv.slice(2), options });
  const names = values.case?.split(',') ?? Object.keys(CASES);
  const unknown = names.find((name) => !(name in CASES));
  if (unknown !== undefined) throw new Error(`There is no case "${unknown}".`);
  const size = values.size === undefined ? undefined : Number(values.size);
  if (size !== undefined && !(Number.isInteger(size) && size > 0 && size % 1_000 === 0)) {
    throw new Error(`"${values.size}" is no size: it must be a number of thousands.`);
  }
  const began = { machine: await thisMachine(), commit: thisCommit(), date: new Date().toISOString() };
  console.log(
    `${began.machine.cpu}, ${began.machine.cores} cores, Redis ${began.machine.redis}, Node ${began.machine.node}`,
  );
  const results: CaseResult[] = [];
  for (const name of names) {
    const one = CASES[name as keyof typeof CASES];
    const result = await measure(one, size ?? (values.small ? one.small : one.full));
    console.log([`${result.id}  ${result.title}`, ...result.figures.map(line), result.error ?? ''].join('\n'));
    results.push(result);
  }
  if (values.json !== undefined) {
    await writeFile(values.json, `${JSON.stringify({ ...began, results }, null, 2)}\n`);
  }
  const isMissed = results.some(({ error, figures }) => error !== undefined || !figures.every(holds));
  process.exitCode = isMissed ? 1 : 0;
}

await main().catch((error: Error) => {
  console.error(`${error.message}\n${USAGE}`);
  process.exitCode = 2;
});
