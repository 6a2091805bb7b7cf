/** `npm run chaos`: producers and workers under real faults, and a verdict on what they and Redis did. */
import { readArguments, USAGE, UsageError, type ChaosArguments } from './arguments.ts';
import { conclude, writeReport } from './report.ts';
import { run } from './run.ts';

async function main({ seconds, seed, json, isLoud }: ChaosArguments): Promise<void> {
  console.log(`Chaos for ${seconds} s, seed ${seed}.`);
  const began = Date.now();
  const tell = (text: string): void => {
    if (isLoud) console.log(`${((Date.now() - began) / 1_000).toFixed(1).padStart(6)} s  ${text}`);
  };
  const { report, text, isGood } = conclude(await run(seconds, seed, tell), seconds, seed);
  if (json !== undefined) writeReport(json, report);
  console.log(text);
  process.exitCode = isGood ? 0 : 1;
}

try {
  await main(readArguments(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\n${USAGE}`);
  process.exitCode = 2;
}
