import { join } from 'node:path';

import type { ConnectionInput } from '@millrace/nestjs';

/** What differs from one running auditor to the next. */
export interface Settings {
  readonly connection: ConnectionInput;
  /** What the keys in Redis begin with. */
  readonly prefix: string;
  /** Where audits are kept. Processes that share a Redis must share it too. */
  readonly auditsFolder: string;
  /** The folder that the page proposes. */
  readonly folder: string;
}

/**
 * Settings from the environment: `REDIS_URL`, else an embedded Redis; `DEMO_DATA` for the folder of all that is kept, else
 * `.millrace` beside the application's sources.
 */
export function settingsFrom(env: NodeJS.ProcessEnv, folder: string): Settings {
  const data = env['DEMO_DATA'] ?? join(import.meta.dirname, '..', '.millrace');
  return {
    connection: env['REDIS_URL'] ?? { embedded: { dir: join(data, 'redis') } },
    prefix: 'millrace-auditor',
    auditsFolder: join(data, 'audits'),
    folder,
  };
}
