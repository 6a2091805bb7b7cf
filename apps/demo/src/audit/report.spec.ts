import { expect, it } from '@jest/globals';

import { type AuditedPackage, foldReport } from './report.js';

function audited(
  location: string,
  version: string,
  more: { licence?: string | null; sha512?: string; bytes?: number } = {},
) {
  const name = location.split('node_modules/').at(-1)!;
  const { licence = 'MIT', sha512 = `${name}@${version}`, bytes = 10 } = more;
  const source = licence === null ? 'none' : 'manifest';
  return {
    key: location,
    location,
    inspection: { name, version, licence, licenceSource: source, licenceFile: null, problem: null },
    digest: { sha512, files: 2, bytes },
  } satisfies AuditedPackage;
}

function fold(...packages: AuditedPackage[]) {
  return foldReport({ folder: '/app', audited: packages, unread: [], workspaces: [] });
}

it('adds up packages, names, files and bytes', () => {
  const { totals } = fold(audited('node_modules/a', '1.0.0'), audited('node_modules/b/node_modules/a', '2.0.0'));
  expect(totals).toEqual({ packages: 2, names: 1, files: 4, bytes: 20 });
});

it('counts licences, most used first and equal ones by name, those without one as null', () => {
  const { licences, withoutLicence } = fold(
    audited('node_modules/a', '1.0.0', { licence: 'MIT' }),
    audited('node_modules/b', '1.0.0', { licence: null }),
    audited('node_modules/c', '1.0.0', { licence: 'ISC', bytes: 5 }),
    audited('node_modules/d', '1.0.0', { licence: 'MIT' }),
  );
  expect(licences).toEqual([
    { licence: 'MIT', packages: 2, bytes: 20 },
    { licence: null, packages: 1, bytes: 10 },
    { licence: 'ISC', packages: 1, bytes: 5 },
  ]);
  expect(withoutLicence.map(({ name }) => name)).toEqual(['b']);
});

it('lists names in several versions, versions in the order of their numbers', () => {
  const { duplicates } = fold(
    audited('node_modules/a', '10.0.0'),
    audited('node_modules/b/node_modules/a', '9.0.0'),
    audited('node_modules/c/node_modules/a', '9.0.0'),
    audited('node_modules/b', '1.0.0'),
  );
  expect(duplicates).toEqual([
    {
      name: 'a',
      versions: [
        { version: '9.0.0', locations: ['node_modules/b/node_modules/a', 'node_modules/c/node_modules/a'] },
        { version: '10.0.0', locations: ['node_modules/a'] },
      ],
    },
  ]);
});

it('tells whether copies of one version hold the same files', () => {
  const { copies } = fold(
    audited('node_modules/a', '1.0.0', { sha512: 'x' }),
    audited('node_modules/b/node_modules/a', '1.0.0', { sha512: 'changed' }),
    audited('node_modules/c', '1.0.0'),
    audited('node_modules/b/node_modules/c', '1.0.0'),
  );
  expect(copies.map(({ name, identical }) => [name, identical])).toEqual([
    ['a', false],
    ['c', true],
  ]);
});

it('is the same in whatever order the jobs finished', () => {
  const packages = ['a', 'b', 'c'].flatMap((name) => [
    audited(`node_modules/${name}`, '1.0.0'),
    audited(`node_modules/${name}/node_modules/a`, '2.0.0', { licence: name }),
  ]);
  expect(fold(...packages.toReversed())).toEqual(fold(...packages));
});

it('reports on nothing at all', () => {
  expect(fold()).toMatchObject({ totals: { packages: 0, bytes: 0 }, licences: [], packages: [] });
});
