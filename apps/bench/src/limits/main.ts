/** Measures how much Millrace bears, and says where a figure is not what it must be: `main.js [--small] …`. */
import { readFile, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';

import { UsageError } from '../arguments.js';
import { thisCommit, thisMachine } from '../machine.js';
import { readArguments, USAGE, type LimitsArguments } from './arguments.js';
import { boundOf, holds, valueOf, type CaseResult, type LimitsReport } from './figure.js';
import { toMarkdown } from './markdown.js';
import { isSuccess, runCases } from './run.js';

/** What a case that was given up left behind does not keep the command from ending. */
const LAST_MS = 2_000;

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());

try {
  const asked = readArguments(process.argv.slice(2));
  const report = asked.show === undefined ? await measure(asked) : await read(asked.show);
  if (asked.json !== undefined) await writeFile(asked.json, `${JSON.stringify(report, null, 2)}\n`);
  if (asked.markdown !== undefined) await writeFile(asked.markdown, toMarkdown(report));
  if (asked.show !== undefined) for (const result of report.results) tell(result);
  process.exitCode = isSuccess(report.results) ? 0 : 1;
} catch (error) {
  if (error instanceof UsageError) console.error(`${error.message}\n${USAGE}`);
  else console.error(stopping.signal.aborted ? 'Stopped.' : (error as Error).message);
  process.exitCode = error instanceof UsageError ? 2 : stopping.signal.aborted ? 130 : 1;
}
setTimeout(() => process.exit(), LAST_MS).unref();

async function measure({ cases, isSmall, size }: LimitsArguments): Promise<LimitsReport> {
  const loadBefore = Math.round((loadavg()[0] ?? 0) * 10) / 10;
  const began = { machine: await thisMachine(), commit: thisCommit(), date: new Date().toISOString() };
  const from = performance.now();
  const results = await runCases({
    cases,
    sizeOf: (one) => size ?? (isSmall ? one.small : one.full),
    signal: stopping.signal,
    onStart: (title, number) => {
      const seconds = Math.round((performance.now() - from) / 1_000);
      console.error(`${number}/${cases.length}  ${title} (${seconds} s so far)`);
    },
    onResult: tell,
  });
  return { ...began, loadBefore, results };
}

function tell({ id, title, figures, error, tookMs }: CaseResult): void {
  console.log(`${id}  ${title}, in ${(tookMs / 1_000).toFixed(1)} s`);
  for (const figure of figures) {
    const verdict = holds(figure) ? '' : '   MISSED';
    console.log(`  ${figure.what.padEnd(50)} ${valueOf(figure).padStart(16)}   ${boundOf(figure)}${verdict}`);
  }
  if (error !== undefined) console.log(`  ${error}   MISSED`);
}

/** @throws UsageError */
async function read(file: string): Promise<LimitsReport> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as LimitsReport;
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}
