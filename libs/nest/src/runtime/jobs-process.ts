import type { Runnable } from '@millrace/core';
import type { INestApplicationContext } from '@nestjs/common';

import { DEFAULT_ROOT } from '../jobs.constants.js';
import { getRunnerToken } from '../jobs.tokens.js';
import type { JobsRunner } from './jobs.runner.js';

/**
 * An application as `runWorker()` and `millrace-worker` run it: its workers drain, then it closes.
 *
 * @param roots the names of its roots; the unnamed one by default
 * @example
 * export default async () => jobsProcess(await NestFactory.createApplicationContext(AppModule));
 */
export function jobsProcess(app: INestApplicationContext, ...roots: readonly string[]): Runnable {
  const names = roots.length === 0 ? [DEFAULT_ROOT] : roots;
  const runners = names.map((root) => app.get<JobsRunner>(getRunnerToken(root), { strict: false }));
  let closing: Promise<void> | undefined;
  return {
    start: () => Promise.all(runners.map((runner) => runner.start())),
    stop: async (options) => {
      await Promise.all(runners.map((runner) => runner.drain(options)));
      await (closing ??= app.close());
    },
    pause: () => runners.forEach((runner) => runner.pause()),
    resume: () => runners.forEach((runner) => runner.resume()),
    health: () => runners.map((runner) => runner.health()),
  };
}
