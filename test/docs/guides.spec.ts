import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { describe, expect, it } from '@jest/globals';

import * as core from '../../libs/core/src/index.js';
import { RunningJob } from '../../libs/core/src/worker/running-job.js';
import * as nest from '../../libs/nest/src/index.js';
import { CONNECT_SETTINGS, MODULE_DEFAULTS } from '../../libs/nest/src/registration/module-options.js';
import { redisUrl, uniquePrefix } from '../support/redis.ts';
import { PAGES, readPage, ROOT } from './support/pages.ts';

const ALL = PAGES.filter((page) => page.startsWith('docs/'))
  .map(readPage)
  .join('\n');

describe('the guides', () => {
  it('name everything that an application can import from @millrace/nestjs', () => {
    expect(Object.keys(nest).filter((name) => !isNamed(name))).toEqual([]);
  });

  it('name what an application without Nest imports from @millrace/core', () => {
    expect(Object.keys(core).filter((name) => !isNamed(name))).toEqual([]);
  });

  it('list the options of a root, no other, with their defaults', () => {
    const [, root = ''] = readPage('docs/reference/nestjs.md').split(/^## (?:Root|Decorators)$/m);
    const listed = new Map<string, string>();
    for (const [, names = '', value = ''] of root.matchAll(/^\| ((?:`\w+`(?:, )?)+) \| .*?\| (.*?) ?\| .+ \|$/gm)) {
      for (const [, name = ''] of names.matchAll(/`(\w+)`/g)) listed.set(name, value);
    }
    expect([...listed.keys()].sort()).toEqual(
      ['name', 'work', ...CONNECT_SETTINGS, ...Object.keys(MODULE_DEFAULTS)].sort(),
    );
    for (const [name, value] of Object.entries(MODULE_DEFAULTS)) {
      if (typeof value === 'boolean') expect([name, listed.get(name)]).toEqual([name, `\`${value}\``]);
    }
  });

  it('have a reference of all that queues, jobs and workers can do', async () => {
    const page = readPage('docs/reference/queue.md');
    const isListed = (name: string): boolean => new RegExp(`\\b${name}\\b(?=[^|]*\`)`).test(page);
    const connection = await core.connect(redisUrl(), { prefix: uniquePrefix('docs-') });
    const queue = new core.Queue('any', { connection });
    const subjects = [
      ...[queue, queue.config, queue.groups, queue.resources, queue.batches].map(membersOf),
      ...[core.Job.prototype, core.Worker.prototype, RunningJob.prototype].map(membersOf),
    ];
    const names = subjects.flat().filter((name) => name !== 'recall');
    await queue.close();
    await connection.close();
    expect(names.filter((name) => !isListed(name))).toEqual([]);
  });

  it('say of each hook when it fires [nest:M1]', () => {
    const [, table = ''] = readPage('docs/guides/hooks.md').split('## Which one, and when');
    const hooks = Object.keys(nest).filter((name) => /^OnJob(?!Batch)./.test(name));
    expect(hooks.filter((name) => !table.includes(`@${name}\``))).toEqual([]);
  });

  it('say what is for an interceptor, what for a hook and what for an event [nest:M2]', () => {
    expect(readPage('docs/guides/hooks.md')).toMatch(/^\| +\| interceptor \| hook \| event \|$/m);
    expect(readPage('docs/guides/events.md')).toContain('hooks.md#interceptor-hook-or-event');
  });

  it('tell who comes from BullMQ of the ten attempts before anything else [nest:H11]', () => {
    const [first = ''] = readPage('docs/guides/from-bullmq.md').match(/^1\. .*(?:\n {3}.*)*/m) ?? [];
    expect(first).toContain('maxAttempts: 1');
    expect(readPage('docs/getting-started.md')).toContain('maxAttempts: 1');
  });
});

/** What can be called on an object or read of it, inherited or its own. */
function membersOf(subject: object): string[] {
  const names: string[] = [];
  for (let place = subject; place !== Object.prototype; place = Object.getPrototypeOf(place) as object) {
    names.push(...Object.getOwnPropertyNames(place).filter((name) => name !== 'constructor'));
  }
  return names;
}

describe('docs/architecture.md', () => {
  it('leads to files that exist', () => {
    const cells = [...readPage('docs/architecture.md').matchAll(/^\| .+? \| .+ \| (.+) \|$/gm)].map(
      ([, cell = '']) => cell,
    );
    const paths = cells.flatMap((cell) => {
      let folder = '';
      return [...cell.matchAll(/`([\w./-]+)`/g)].map(([, name = '']) => {
        // A name alone is in the folder of the one before it.
        const path = name.includes('/') ? name : `${folder}/${name}`;
        folder = dirname(path);
        return path.replace(/^(core|nest)\//, 'libs/$1/src/');
      });
    });
    expect(paths.length).toBeGreaterThan(20);
    expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });
});

describe('docs/state-machine.md', () => {
  it('names commands that exist', () => {
    const cells = [...readPage('docs/state-machine.md').matchAll(/^\| .+ → .+? \| (.+) \|$/gm)].map(
      ([, cell = '']) => cell,
    );
    const commands = cells.flatMap((cell) => [...cell.matchAll(/`([\w-]+)`/g)].map(([, name]) => name));
    expect(commands.length).toBeGreaterThan(10);
    expect(commands.filter((name) => !existsSync(join(ROOT, `lua/commands/${name}.lua`)))).toEqual([]);
  });
});

function isNamed(name: string): boolean {
  return new RegExp(`\\b${name}\\b`).test(ALL);
}
