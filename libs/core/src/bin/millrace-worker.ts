#!/usr/bin/env node
/** Starts, stops and looks at a worker process. */
import { argv, exit } from 'node:process';

import {
  readRunArguments,
  readStatusArguments,
  readStopArguments,
  USAGE,
  UsageError,
} from '../process/cli/arguments.js';
import { daemonize, start } from '../process/cli/start.js';
import { status } from '../process/cli/status.js';
import { stop } from '../process/cli/stop.js';

const [command, ...args] = argv.slice(2);
try {
  exit(await run());
} catch (error) {
  const isUsage = error instanceof UsageError;
  console.error(isUsage ? `${error.message}\n\n${USAGE}` : (error as Error).message);
  exit(isUsage ? 2 : 1);
}

async function run(): Promise<number> {
  switch (command) {
    case 'start': {
      const wanted = readRunArguments(args);
      return wanted.isDaemon ? daemonize(wanted, args) : start(wanted);
    }
    case 'stop': {
      const { pidFile, timeoutMs } = readStopArguments(args);
      return stop(pidFile, timeoutMs);
    }
    case 'status': {
      const { pidFile, isJson } = readStatusArguments(args);
      return status(pidFile, isJson);
    }
    default:
      throw new UsageError(command === undefined ? 'Say what to do.' : `There is no command "${command}".`);
  }
}
