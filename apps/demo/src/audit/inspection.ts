import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { licenceFiles, type LicenceSource, readLicenceText, recogniseLicence, statedLicence } from './licence.js';

/** What a package says of itself. */
export interface Inspection {
  /** As its manifest has it; the folder's name when the manifest has none. */
  readonly name: string;
  /** `null` when the manifest has none. */
  readonly version: string | null;
  /** An SPDX expression as a rule; `null` when neither manifest nor licence text tells. */
  readonly licence: string | null;
  readonly licenceSource: LicenceSource;
  /** The first licence file in the package's folder, or `null`. */
  readonly licenceFile: string | null;
  /** What is wrong with the manifest, in a sentence, or `null`. */
  readonly problem: string | null;
}

/**
 * Reads a package's manifest and, where that states no licence, its licence text. A manifest that cannot be understood
 * is a finding, not an error: it is told in `problem`.
 *
 * @throws what the file system throws when the package cannot be read at all.
 */
export async function inspectPackage(folder: string): Promise<Inspection> {
  const { manifest, problem } = parseManifest(await readFile(join(folder, 'package.json'), 'utf8'));
  const files = await licenceFiles(folder);
  const stated = statedLicence(manifest);
  const recognised = stated === undefined ? await recogniseFirst(folder, files) : undefined;

  return {
    name: textOr(manifest['name'], nameFromFolder(folder)),
    version: textOr(manifest['version'], null),
    licence: stated ?? recognised ?? null,
    licenceSource: stated !== undefined ? 'manifest' : recognised !== undefined ? 'text' : 'none',
    licenceFile: files[0] ?? null,
    problem,
  };
}

interface ParsedManifest {
  readonly manifest: Readonly<Record<string, unknown>>;
  readonly problem: string | null;
}

function parseManifest(text: string): ParsedManifest {
  try {
    const manifest: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    if (typeof manifest === 'object' && manifest !== null && !Array.isArray(manifest)) {
      return { manifest: manifest as Record<string, unknown>, problem: null };
    }
    return { manifest: {}, problem: 'package.json does not hold an object.' };
  } catch {
    return { manifest: {}, problem: 'package.json is not valid JSON.' };
  }
}

async function recogniseFirst(folder: string, files: readonly string[]): Promise<string | undefined> {
  for (const file of files) {
    const licence = recogniseLicence(await readLicenceText(folder, file));
    if (licence !== undefined) return licence;
  }
  return undefined;
}

function textOr<T>(value: unknown, otherwise: T): string | T {
  return typeof value === 'string' && value.trim() !== '' ? value : otherwise;
}

/** `…/node_modules/@scope/name` → `@scope/name`. */
function nameFromFolder(folder: string): string {
  const [name = folder, scope] = folder.split(/[/\\]/).reverse();
  return scope?.startsWith('@') ? `${scope}/${name}` : name;
}
