import { describe, expect, it } from '@jest/globals';

import { foldReport } from '../audit/report.js';
import { runningStatus } from '../audits/audit-status.js';
import { parseArguments, UsageError } from './arguments.js';
import { ProgressBar } from './progress-bar.js';
import { afterwardsLines, summaryTable } from './summary-table.js';

describe('the command line', () => {
  const places = { here: '/home/repo/libs', project: '/home/repo' };

  it('serves and proposes the project by default', () => {
    expect(parseArguments([], {}, places)).toEqual({ once: false, folder: '/home/repo', port: 3000 });
  });

  it('takes --once with a folder, relative to where it was called from', () => {
    expect(parseArguments(['--once', '../app'], {}, places)).toMatchObject({ once: true, folder: '/home/repo/app' });
    expect(parseArguments(['/app', '--once'], {}, places)).toMatchObject({ once: true, folder: '/app' });
  });

  it('takes the port from --port before PORT', () => {
    expect(parseArguments([], { PORT: '81' }, places).port).toBe(81);
    expect(parseArguments(['--port', '82'], { PORT: '81' }, places).port).toBe(82);
  });

  it.each([[['--twice']], [['a', 'b']], [['--port', '70000']], [['--port', 'x']], [['--port']]])(
    'refuses %j and tells how it is used',
    (args) => {
      expect(() => parseArguments(args, {}, places)).toThrow(UsageError);
      expect(() => parseArguments(args, {}, places)).toThrow('Usage: npm run demo');
    },
  );
});

describe('the progress bar', () => {
  const packages = Array.from({ length: 99 }, (_, index) => ({ key: `${index}`, location: `${index}` }));
  const keys = packages.map(({ key }) => key);

  function drawAll(isTTY: boolean): string {
    let output = '';
    const bar = new ProgressBar({ isTTY, write: (text) => (output += text) });
    const record = { id: 'abc', folder: '/app', startedAt: '' };
    bar.draw(runningStatus(record, undefined, { inspected: new Set(), digested: new Set(), unread: new Set() }));
    for (const done of keys.keys()) {
      const digested = new Set(keys.slice(0, done + 1));
      bar.draw(
        runningStatus(record, { packages, workspaces: [] }, { inspected: new Set(keys), digested, unread: new Set() }),
      );
    }
    bar.end();
    return output;
  }

  it('draws over one line on a terminal', () => {
    const output = drawAll(true);
    expect(output.split('\n')).toHaveLength(2);
    expect(output.split('\r').at(-1)).toMatch(/^\S*█+░* +98 % {2}inspected 99, digested 99 of 99\n$/);
  });

  it('writes a line every tenth of the way into a log', () => {
    const lines = drawAll(false).trimEnd().split('\n');
    expect(lines[0]).toContain('looking for packages');
    expect(lines).toHaveLength(6);
  });
});

it('says what was done besides, a line for each', () => {
  const next = new Date('2026-01-02T02:00:00.000Z');
  const also = { parts: 2, told: { findings: 9, messages: 1 }, nightly: { kept: 1, removed: 3, next } };
  expect(afterwardsLines(also).split('\n')).toEqual([
    'Depended on:         2 parts of the report',
    'Told together:       9 findings in 1 message',
    'Done every night:    1 audit kept, 3 removed, next at 2026-01-02T02:00Z',
  ]);
});

describe('the table', () => {
  const inspection = { name: 'a\u001B[31m', version: '1', licence: 'MIT', licenceFile: null, problem: null };
  const report = foldReport({
    folder: '/app',
    audited: ['x', 'y'].map((key) => ({
      ...{ key, location: key, digest: { sha512: key, files: 600, bytes: 1_500 } },
      inspection: { ...inspection, licenceSource: 'manifest' as const },
    })),
    unread: [],
    workspaces: [],
  });

  it('lines up licences and their sum', () => {
    expect(summaryTable(report).split('\n').slice(2, 7)).toEqual([
      'Licence   Packages     Size',
      '───────────────────────────',
      'MIT              2   3.0 kB',
      '───────────────────────────',
      'All              2   3.0 kB',
    ]);
  });

  it('keeps a name from a manifest from steering the terminal', () => {
    expect(summaryTable(report)).toContain('Copies that differ:  1 (a\uFFFD[31m)');
  });
});
