import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';

/** What an audit must find, counted one package after the other. */
export interface PlainCount {
  readonly packages: number;
  readonly files: number;
  readonly bytes: number;
  /** Location → SHA-512 of the package's files. */
  readonly digests: Readonly<Record<string, string>>;
  /** Name → its versions, sorted, for each name that has more than one. */
  readonly duplicates: Readonly<Record<string, readonly string[]>>;
  /** Licence as the manifest states it → packages; those that state none are left out. */
  readonly statedLicences: Readonly<Record<string, number>>;
}

/**
 * The oracle of the demo's tests: no queue, no job, nothing at the same time, and no line shared with the demo. It knows
 * npm's plain layout: packages nested in packages, and links to workspaces.
 */
export function plainCount(folder: string): PlainCount {
  const root = realpathSync(folder);
  const count = { packages: 0, files: 0, bytes: 0 };
  const digests: Record<string, string> = {};
  const versions: Record<string, Set<string>> = {};
  const statedLicences: Record<string, number> = {};

  for (const path of packagesBelow(root)) {
    const manifest = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as Manifest;
    const files = filesBelow(path, true).sort((a, b) => (relative(path, a) < relative(path, b) ? -1 : 1));
    const lines = files.map((file) => {
      const contents = lstatSync(file).isSymbolicLink() ? Buffer.from(readlinkSync(file)) : readFileSync(file);
      count.bytes += contents.length;
      return `${sha512(contents)}  ${relative(path, file)}\n`;
    });
    count.packages += 1;
    count.files += files.length;
    digests[relative(root, path)] = sha512(lines.join(''));
    (versions[manifest.name] ??= new Set()).add(manifest.version);
    const licence = statedIn(manifest);
    if (licence !== '') statedLicences[licence] = (statedLicences[licence] ?? 0) + 1;
  }
  const several = Object.entries(versions).filter(([, found]) => found.size > 1);
  const duplicates = Object.fromEntries(several.map(([name, found]) => [name, [...found].sort()]));
  return { ...count, digests, duplicates, statedLicences };
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: OldLicence;
  readonly licenses?: OldLicence | readonly OldLicence[];
}

type OldLicence = string | { readonly type: string };

function statedIn({ license, licenses = [] }: Manifest): string {
  const all = license === undefined ? [licenses].flat() : [license];
  return all.map((one) => (typeof one === 'string' ? one : one.type)).join(' OR ');
}

/** The real paths of all packages below a folder, each once. */
function packagesBelow(folder: string, found = new Set<string>()): Set<string> {
  const modules = join(folder, 'node_modules');
  const names = existsSync(modules) ? readdirSync(modules) : [];
  const members = names.flatMap((name) =>
    name.startsWith('@') ? readdirSync(join(modules, name)).map((member) => join(name, member)) : [name],
  );
  for (const member of members.filter((name) => existsSync(join(modules, name, 'package.json')))) {
    const path = realpathSync(join(modules, member));
    const parent = dirname(path);
    const isInstalled = [parent, dirname(parent)].some((above) => basename(above) === 'node_modules');
    if (isInstalled) found.add(path);
    packagesBelow(path, found);
  }
  return found;
}

function filesBelow(folder: string, isPackage = false): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) return [path];
    return isPackage && entry.name === 'node_modules' ? [] : filesBelow(path);
  });
}

function sha512(contents: Buffer | string): string {
  return createHash('sha512').update(contents).digest('hex');
}
