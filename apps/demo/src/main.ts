import 'reflect-metadata';

import { FolderError } from './audit/audit-folder.js';
import { parseArguments, UsageError } from './console/arguments.js';
import { once } from './once.js';
import { serve } from './serve.js';
import { settingsFrom } from './settings.js';

try {
  // npm runs a script in the project's folder, and tells where it was called from.
  const from = process.env['INIT_CWD'] ?? process.cwd();
  const args = parseArguments(process.argv.slice(2), process.env, from);
  const settings = settingsFrom(process.env, args.folder);
  if (args.once) process.exitCode = await once(settings);
  else await serve(settings, args.port);
} catch (error) {
  const isExpected = error instanceof UsageError || error instanceof FolderError;
  process.stderr.write(`${isExpected ? error.message : (error as Error).stack}\n`);
  process.exitCode = 1;
}
