import 'reflect-metadata';

import { JobsError } from '@millrace/nestjs';

import { FolderError } from './audit/audit-folder.js';
import { parseArguments, UsageError } from './console/arguments.js';
import { once } from './once.js';
import { serve } from './serve.js';
import { settingsFrom } from './settings.js';

/** Errors whose message says what to do; a stack would only hide it. */
const EXPECTED = [UsageError, FolderError, JobsError];

try {
  // npm runs a script in the project's folder, and tells where it was called from.
  const project = process.cwd();
  const args = parseArguments(process.argv.slice(2), process.env, {
    here: process.env['INIT_CWD'] ?? project,
    project,
  });
  const settings = settingsFrom(process.env, args.folder);
  if (args.once) process.exitCode = await once(settings);
  else await serve(settings, args.port);
} catch (error) {
  process.stderr.write(`${describe(error as NodeJS.ErrnoException)}\n`);
  // What was opened before the fault must not keep the process waiting.
  process.exit(1);
}

function describe(error: NodeJS.ErrnoException): string {
  if (error.code === 'EADDRINUSE') return 'The port is taken: choose another one with --port.';
  return EXPECTED.some((kind) => error instanceof kind) ? error.message : (error.stack ?? error.message);
}
