import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';

import { UnknownOptionError } from '../../libs/core/src/errors/index.js';
import {
  BACKOFF_DEFAULTS,
  CONNECT_DEFAULTS,
  JOB_DEFAULTS,
  JOB_OPTION_DEFAULTS,
  LEASE_DEFAULTS,
  QUEUE_DEFAULTS,
  resolveConnectSettings,
  resolveHandler,
  resolveJobDefaults,
  resolveJobOptions,
  resolveQueueConfigPatch,
  resolveQueueOptions,
  resolveScheduleOptions,
  resolveWorkerOptions,
  SCHEDULE_DEFAULTS,
  WORKER_DEFAULTS,
} from '../../libs/core/src/options/index.js';

const PAGE = ['reference/options.md', 'guides/schedules.md']
  .map((page) => readFileSync(join(import.meta.dirname, '../../docs', page), 'utf8'))
  .join('\n');

/** The options of one section of the page, with what it says is their default. */
function documented(section: string): Map<string, string> {
  const [, text = ''] = new RegExp(`^## ${section}\\n(.*?)(?=^## |$(?![^]))`, 'ms').exec(PAGE) ?? [];
  return new Map(
    [...text.matchAll(/^\| `(\w+)` \| .+? \| (.+?) \| .+ \|$/gm)].map(([, name = '', value = '']) => [name, value]),
  );
}

/** The options that there are: the error about one that is not lists them. */
function existing(resolve: (options: never) => unknown): string[] {
  try {
    resolve({ noSuchOption: 1 } as never);
  } catch (error) {
    if (UnknownOptionError.is(error)) return error.expected.replace('one of ', '').split(', ');
    throw error;
  }
  throw new Error('an unknown option was taken');
}

const JOB_DEFAULT_NAMES = existing((options) => resolveJobDefaults(options, 'x'));
const ownOf = (names: readonly string[]): string[] => names.filter((name) => !JOB_DEFAULT_NAMES.includes(name));

describe('docs/reference/options.md', () => {
  it.each<[string, readonly string[], object]>([
    ['Defaults for jobs', JOB_DEFAULT_NAMES, JOB_DEFAULTS],
    ['Job', ownOf(existing((options) => resolveJobOptions(options, 'x'))), JOB_OPTION_DEFAULTS],
    ['Options', existing((options) => resolveScheduleOptions(options, 'x')), SCHEDULE_DEFAULTS],
    ['Queue', existing((options) => resolveQueueOptions(options, 'x')), QUEUE_DEFAULTS],
    [
      'Worker',
      existing((options) => resolveWorkerOptions(options)),
      { ...WORKER_DEFAULTS, concurrency: WORKER_DEFAULTS.concurrency.max },
    ],
    ['Handler', ownOf(existing((options) => resolveHandler(options, '', 'x'))), {}],
    ['Lease', existing((lease) => resolveWorkerOptions({ lease } as never)), LEASE_DEFAULTS],
    ['Connection', existing((options) => resolveConnectSettings(options)), CONNECT_DEFAULTS],
    ['Live configuration of a queue', existing((options) => resolveQueueConfigPatch(options, 'x')), {}],
  ])('%s: has each option, no other, and the right default', (section, names, defaults) => {
    const page = documented(section);
    expect([...page.keys()].sort()).toEqual([...names].sort());
    for (const [name, value] of Object.entries(defaults)) {
      const said = /^`'?([^`']+)'?`/.exec(page.get(name) ?? '')?.[1];
      if (typeof value !== 'object' && value !== undefined) expect([name, said]).toEqual([name, String(value)]);
    }
  });

  it('Backoff: has the right defaults', () => {
    const rows = PAGE.split('\n').filter((line) => line.startsWith('| `{ type:'));
    expect(rows).toHaveLength(4);
    expect(rows[0]).toContain(`default \`${BACKOFF_DEFAULTS.fixed.jitter}\``);
    expect(rows[1]).toContain(`default \`${BACKOFF_DEFAULTS.exponential.maxMs}\``);
    expect(rows[1]).toContain(`default \`${BACKOFF_DEFAULTS.exponential.jitter}\``);
  });
});
