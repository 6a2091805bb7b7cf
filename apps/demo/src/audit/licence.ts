import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Where the licence of a package was learnt from. */
export type LicenceSource = 'manifest' | 'text' | 'none';

const FILE_NAME = /^(licen[cs]e|copying|unlicense)([.-].*)?$/i;
const MAX_BYTES = 64 * 1024;

/** How long licences begin. Only the beginning counts: the GNU licences name one another further down. */
const TITLES: readonly (readonly [licence: string, title: RegExp])[] = [
  ['Apache-2.0', /apache license,? version 2\.0/],
  ['MPL-2.0', /mozilla public license,? version 2\.0/],
  ['AGPL-3.0', /gnu affero general public license version 3/],
  ['LGPL-3.0', /gnu lesser general public license version 3/],
  ['GPL-3.0', /gnu general public license version 3/],
  ['GPL-2.0', /gnu general public license version 2/],
  ['BlueOak-1.0.0', /blue oak model license version 1\.0\.0/],
  ['CC0-1.0', /cc0 1\.0 universal/],
];
const TITLE_WITHIN = 400;

/** What short licences say; the more particular one comes before the one that says less. */
const PHRASES: readonly (readonly [licence: string, ...phrases: string[]])[] = [
  ['Unlicense', 'this is free and unencumbered software released into the public domain'],
  ['BSD-3-Clause', 'redistribution and use in source and binary forms', 'neither the name'],
  ['BSD-2-Clause', 'redistribution and use in source and binary forms'],
  ['MIT', 'permission is hereby granted, free of charge', 'this permission notice shall be included'],
  ['MIT-0', 'permission is hereby granted, free of charge', 'without restriction'],
  ['ISC', 'with or without fee is hereby granted, provided that the above copyright notice'],
  ['0BSD', 'with or without fee is hereby granted'],
];

/** The licence that a text is, by its own words, or nothing when it is not a well-known one. */
export function recogniseLicence(text: string): string | undefined {
  const words = text.toLowerCase().replace(/[\s#*=]+/g, ' ');
  const beginning = words.slice(0, TITLE_WITHIN);
  const match =
    TITLES.find(([, title]) => title.test(beginning)) ??
    PHRASES.find(([, ...phrases]) => phrases.every((phrase) => words.includes(phrase)));
  return match?.[0];
}

/**
 * The licence that a manifest states: the SPDX expression, or what the two older forms (`{ type }` and a list of such)
 * come to. Nothing when it states none or only points at a file.
 */
export function statedLicence(manifest: Readonly<Record<string, unknown>>): string | undefined {
  const one = licenceName(manifest['license']);
  if (one !== undefined) return one;
  const several = manifest['licenses'];
  if (!Array.isArray(several)) return licenceName(several);
  const names = several.map(licenceName).filter((name) => name !== undefined);
  return names.length > 0 ? names.join(' OR ') : undefined;
}

function licenceName(value: unknown): string | undefined {
  const name: unknown = typeof value === 'object' && value !== null ? (value as { type?: unknown }).type : value;
  if (typeof name !== 'string') return undefined;
  const text = name.trim();
  return text === '' || /^see licen[cs]e in /i.test(text) ? undefined : text;
}

/** The names of the licence files right in a package's folder, sorted. */
export async function licenceFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && FILE_NAME.test(entry.name))
    .map((entry) => entry.name)
    .sort();
}

/** The beginning of a licence file: more than enough to tell which licence it is, whatever the size of the file. */
export async function readLicenceText(folder: string, file: string): Promise<string> {
  const handle = await open(join(folder, file));
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(MAX_BYTES), 0, MAX_BYTES, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}
