import fc from 'fast-check';
import type { Redis } from 'ioredis';

import { Core, type Texts } from '../core/core.js';
import { World } from '../world/world.js';
import type { Coverage } from './coverage.js';
import { someFeatures, STEPS } from './steps.js';

/** How a search for a failure goes. */
export interface Search {
  readonly runs: number;
  readonly seed: number;
  readonly length: number;
  readonly path?: string | undefined;
  readonly replay?: string | undefined;
  /** No run begins after so many ms. Default: all do. */
  readonly limitMs?: number | undefined;
  /** Whether a failing sequence is made as short as it can be. Default true. */
  readonly isShrunk?: boolean;
  readonly onRun?: () => void;
}

export interface Verdict {
  readonly runs: number;
  readonly hasFailed: boolean;
  readonly message: string;
  /** The calls of the last run that failed, the shrunk one. */
  readonly log: readonly string[];
  readonly sequence: string;
  readonly path: string;
  readonly replay: string;
}

/** Runs sequences of commands on Redis and on the model until one of them differs, or all are done. */
export async function search(redis: Redis, texts: Texts, coverage: Coverage, wanted: Search): Promise<Verdict> {
  let log: readonly string[] = [];
  let runs = 0;
  // Those behind the first failure are to make it shorter.
  let hasFailed = false;
  let running: Promise<void> | undefined;
  const commands = fc.commands([...STEPS], {
    size: 'max',
    maxCommands: wanted.length,
    ...(wanted.replay === undefined ? {} : { replayPath: wanted.replay }),
  });
  const property = fc.asyncProperty(someFeatures, commands, async (features, sequence) => {
    if (!hasFailed) runs += 1;
    const world = new World(coverage, features);
    const core = await Core.open(redis, texts);
    coverage.restart();
    if (!hasFailed) wanted.onRun?.();
    try {
      running = fc.asyncModelRun(() => ({ model: world, real: core }), sequence);
      await running;
    } catch (error) {
      log = world.log;
      hasFailed = true;
      throw error;
    }
  });
  const result = await fc.check(property, {
    numRuns: wanted.runs,
    seed: wanted.seed,
    endOnFailure: wanted.isShrunk === false,
    ...(wanted.path === undefined ? {} : { path: wanted.path }),
    ...(wanted.limitMs === undefined ? {} : { interruptAfterTimeLimit: wanted.limitMs, markInterruptAsFailure: false }),
  });
  // At the limit of time one is still on its way, and the keys are not free before it is done.
  await running?.catch(() => undefined);
  const sequence =
    result.counterexample === null ? '' : result.counterexample.map((part) => fc.stringify(part)).join('\n');
  return {
    runs,
    hasFailed: result.failed && result.counterexample !== null,
    message: result.errorInstance instanceof Error ? (result.errorInstance.stack ?? result.errorInstance.message) : '',
    log,
    sequence,
    path: result.counterexamplePath ?? '',
    replay: /replayPath="([^"]*)"/.exec(sequence)?.[1] ?? '',
  };
}
