import { createHash } from 'node:crypto';

import { describe, expect, it } from '@jest/globals';

import { foldReport } from '../audit/report.js';
import { size } from './figures.js';
import { reportPage } from './report-page.js';

const HOSTILE = '<img src=x onerror=alert(1)>"\'';

function report() {
  const inspection = { name: HOSTILE, version: HOSTILE, licence: HOSTILE, licenceFile: HOSTILE, problem: HOSTILE };
  const at = (location: string, sha512: string) => ({
    ...{ key: location, location, digest: { sha512, files: 1, bytes: 1 } },
    inspection: { ...inspection, licenceSource: 'text' as const },
  });
  const none = {
    ...at('c', 'z'),
    inspection: { ...inspection, licence: null, version: '2', licenceSource: 'none' as const },
  };
  return foldReport({
    folder: HOSTILE,
    audited: [at(HOSTILE, 'x'), at('b', 'y'), none],
    unread: [{ location: HOSTILE, reason: HOSTILE }],
    workspaces: [HOSTILE],
  });
}

describe('the page of a report', () => {
  const { body, headers } = reportPage(report(), new Date('2025-01-02T03:04:05Z'));

  it('never lets a name, path, licence or reason become markup', () => {
    expect(body).toContain('&lt;img src=x onerror=alert(1)&gt;&quot;&#39;');
    expect(body).not.toContain('<img');
  });

  it('has a section for everything that needs a look', () => {
    for (const title of [
      'Could not be read',
      'Without a licence',
      'Same version, different files',
      'Several versions',
    ]) {
      expect(body).toContain(`<h2>${title}</h2>`);
    }
  });

  it('needs nothing from elsewhere, and lets run no script but its own', () => {
    const script = /<script>(.*)<\/script>/s.exec(body)?.[1] ?? '';
    const hash = createHash('sha256').update(script).digest('base64');
    expect(headers['Content-Security-Policy']).toContain(`default-src 'none'`);
    expect(headers['Content-Security-Policy']).toContain(`script-src 'sha256-${hash}'`);
    expect(body).not.toMatch(/(src|href)="https?:/);
  });
});

it('reports on nothing without a word of trouble', () => {
  const { body } = reportPage(foldReport({ folder: '/app', audited: [], unread: [], workspaces: [] }), new Date(0));
  expect(body).toContain('<b>0</b>');
  expect(body).not.toContain('NaN');
});

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_500, '1.5 kB'],
  [99_949, '99.9 kB'],
  [99_951, '100 kB'],
  [999_600, '1.0 MB'],
  [5e15, '5000 TB'],
])('writes %d bytes as %s', (bytes, text) => {
  expect(size(bytes)).toBe(text);
});
