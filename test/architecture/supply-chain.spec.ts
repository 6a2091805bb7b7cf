import { describe, expect, it } from '@jest/globals';
import { readPage } from '../docs/support/pages.ts';

/** A package as npm's lockfile has it. */
interface Locked {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly version?: string;
  readonly hasInstallScript?: boolean;
}

interface Manifest extends Locked {
  readonly name: string;
  readonly scripts?: Readonly<Record<string, string>>;
}

const LIBRARIES = ['core', 'nest', 'testing', 'cli'];
const { packages } = JSON.parse(readPage('package-lock.json')) as { packages: Record<string, Locked> };
const manifests = LIBRARIES.map((name) => JSON.parse(readPage(`libs/${name}/package.json`)) as Manifest);

/** What comes with packages, by name: they, and all on which they depend. `parent` is where the one that asks for them lies. */
function comesWith(names: Iterable<string>, parent = ''): Map<string, Locked> {
  const found = new Map<string, Locked>();
  for (const name of names) {
    const path = [`${parent}/node_modules/${name}`.replace(/^\//, ''), `node_modules/${name}`].find(
      (each) => packages[each],
    );
    if (path === undefined) throw new Error(`the lockfile has no ${name}`);
    const locked = packages[path]!;
    found.set(name, locked);
    for (const [other, its] of comesWith(Object.keys(locked.dependencies ?? {}), path)) found.set(other, its);
  }
  return found;
}

/** Packages of others that an application gets with those of Millrace. */
const ours = new Set(manifests.map(({ name }) => name));
const theirs = manifests
  .flatMap(({ dependencies = {} }) => Object.keys(dependencies))
  .filter((name) => !ours.has(name));

describe('what is installed with Millrace', () => {
  it('runs nothing while it is installed [case:S20]', () => {
    const WHILE_INSTALLED = ['preinstall', 'install', 'postinstall', 'prepare', 'prepublish'];
    const scripts = manifests.flatMap(({ scripts: own = {} }) => Object.keys(own));
    expect(scripts.filter((name) => WHILE_INSTALLED.includes(name))).toEqual([]);
    const all = comesWith([...theirs, 'ioredis']);
    expect([...all].filter(([, { hasInstallScript }]) => hasInstallScript === true).map(([name]) => name)).toEqual([]);
  });

  it('is what the page on security says, and no more [case:S20]', () => {
    const said = /\*\*What comes with it\*\*: (.+?)\n\n/s.exec(readPage('docs/guides/security.md'))?.[1] ?? '';
    const namesIn = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
    const [inIt = '', inFive = ''] = /^(.*?)\(with ioredis 5 (.*?)\)/s.exec(said)?.slice(1) ?? [];
    const all = [...comesWith([...theirs, 'ioredis']).keys()];
    const isFive = packages['node_modules/ioredis']?.version?.startsWith('5.') === true;
    const mayBe = isFive ? namesIn(inFive) : [];
    expect(all.filter((name) => !mayBe.includes(name)).sort()).toEqual(namesIn(inIt).sort());
  });
});
