import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { Child } from '../support/child.ts';
import { freePort } from '../support/free-port.ts';
import { waitFor } from '../support/wait-for.ts';
import { blocksOf, pathOf } from './support/pages.ts';
import { Reader } from './support/reader.ts';

const BLOCKS = blocksOf('docs/getting-started.md');
/** What the page's reader types, each with the answer below it. */
const REQUESTS = BLOCKS.flatMap(({ code }) => [
  ...code.matchAll(/^\$ curl (?<post>-X POST )?localhost:3000(?<path>\S+)\n(?<answer>.+)$/gm),
]).map(({ groups }) => groups as { readonly post?: string; readonly path: string; readonly answer: string });
const LOG_LINES = BLOCKS.flatMap(({ code }) => [...code.matchAll(/^ ?(?:WARN|DEBUG|ERROR) (.+)$/gm)]).map(
  ([, line = '']) => line,
);

describe('docs/getting-started.md', () => {
  let reader: Reader;
  let application: Child | undefined;

  beforeEach(async () => {
    reader = await Reader.create();
  });
  afterEach(async () => {
    await application?.kill();
    await reader.remove();
  });

  it('makes an application that compiles, answers and logs as the page shows', async () => {
    for (const { code } of BLOCKS.filter((block) => pathOf(block.code) !== undefined)) {
      await reader.write(`src/${pathOf(code)}`, code);
    }
    expect(await reader.compile()).toBe('');
    const port = await freePort();
    const data = join(reader.folder, 'data', 'millrace');
    const env = { PORT: String(port), NO_COLOR: '1', MILLRACE_EMBEDDED_DIR: data, REDIS_URL: '' };
    const child = (application = await Child.start(join(reader.folder, 'dist/main.js'), { env }));
    await waitFor('the start of the application', () => /successfully started/.test(child.output));

    expect(REQUESTS).toHaveLength(2);
    const ids = new Map<string, string>();
    for (const { post, path, answer } of REQUESTS) {
      const wanted = JSON.parse(answer) as { readonly id?: string; readonly state: string };
      const url = `http://localhost:${port}${path.replace(/[^/]+$/, (last) => ids.get(last) ?? last)}`;
      const got = await waitFor(`${path} to be ${wanted.state}`, async () => {
        const body = (await (
          await fetch(url, { method: post === undefined ? 'GET' : 'POST' })
        ).json()) as typeof wanted;
        return body.state === wanted.state ? body : undefined;
      });
      if (wanted.id !== undefined) ids.set(wanted.id, got.id ?? '');
      expect(got).toEqual({ ...wanted, ...(wanted.id === undefined ? {} : { id: got.id }) });
    }
    await fetch(`http://localhost:${port}/signup/nobody`, { method: 'POST' });
    expect(LOG_LINES).toHaveLength(4);
    for (const line of LOG_LINES) {
      await waitFor(`the log line "${line}"`, () => comparable(child.output).includes(comparable(line)));
    }
    child.signal('SIGTERM');
    await child.exited;
  }, 60_000);
});

/** A line without what differs from run to run: ids, times, and where the folder is. */
function comparable(text: string): string {
  return text
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replaceAll(/mail\/[\w~]+ /g, 'mail/ID ')
    .replaceAll(/in \S+millrace\b/g, 'in FOLDER');
}
