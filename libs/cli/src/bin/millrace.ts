#!/usr/bin/env node
/** Looks after queues from a shell. */
import { argv, env } from 'node:process';

import { runCli } from '../index.js';

process.exitCode = await runCli(argv.slice(2), {
  env,
  out: (text) => console.log(text),
  err: (text) => console.error(text),
});
