/** One process of a supervisor: runs the worker of a file until it is told to end, or nobody looks after it any more. */
import { argv, exit } from 'node:process';

import { readRunArguments } from '../process/cli/arguments.js';
import { lineLogger } from '../process/cli/run-logger.js';
import { loadWorker } from '../process/load-worker.js';
import { runWorker } from '../process/run-worker.js';
import { statusOf } from '../process/status-socket.js';
import type { FromProcess, ToProcess } from '../process/supervisor/messages.js';
import { EXIT_CODES } from '../process/cli/exit-codes.js';

const { file, maxRssMb, startJitterMs } = readRunArguments(argv.slice(2));
const logger = lineLogger();
const tell = (message: FromProcess): void => void process.send?.(message);

// Without its supervisor nobody would start it again, nor stop it.
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
try {
  await new Promise((resolve) => setTimeout(resolve, Math.random() * startJitterMs));
  const worker = await loadWorker(file);
  process.on('message', (message: ToProcess) => {
    if (message.type === 'status')
      tell({ type: 'status', question: message.question, status: statusOf(worker.health?.()) });
  });
  const running = runWorker(worker, { maxRssMb, logger });
  tell({ type: 'running' });
  exit(EXIT_CODES[await running]);
} catch (error) {
  logger.error(`The worker could not be run: ${(error as Error).stack ?? String(error)}`);
  exit(1);
}
