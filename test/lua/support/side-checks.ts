import type { Keyspace } from './keyspace.js';

/** What must be true of what the core knows of jobs in words, and of the indexes of that. */
export function checkSides(keys: Keyspace): string[] {
  return [...lines(keys), ...tags(keys), ...uniqueKeys(keys)];
}

/** The lines of a job by letter. */
function linesOf(keys: Keyspace, id: string): Map<string, string[]> {
  const text = keys.hash('x')[id] ?? '';
  return new Map(text.split('\n').map((line) => [line.slice(0, 1), line.split('\t').slice(1)]));
}

function lines(keys: Keyspace): string[] {
  const faults: string[] = [];
  for (const [id, text] of Object.entries(keys.hash('x'))) {
    if (keys.hash('j')[id] === undefined) faults.push(`lines of ${id}, which is no job`);
    if (text === '') faults.push(`the lines of ${id} are empty`);
  }
  for (const id of Object.keys(keys.hash('j'))) {
    const flags = keys.hash('m')[id]?.split(',')[4] ?? '';
    const said = linesOf(keys, id).has('t');
    if (said !== flags.includes('T')) faults.push(`${id} has tags: ${said}, and the letters ${flags}`);
  }
  return faults;
}

/** A tag's set has exactly the jobs whose lines name it, and its count is their number. */
function tags(keys: Keyspace): string[] {
  const named = new Map<string, string[]>();
  for (const id of Object.keys(keys.hash('x')))
    for (const tag of linesOf(keys, id).get('t') ?? []) named.set(tag, [...(named.get(tag) ?? []), id]);
  const faults: string[] = [];
  for (const tag of new Set([...named.keys(), ...keys.namesUnder('tg'), ...Object.keys(keys.sorted('tc'))])) {
    const ids = [...(named.get(tag) ?? [])].sort().join(' ');
    const indexed = Object.keys(keys.sorted(`tg:${tag}`))
      .sort()
      .join(' ');
    if (ids !== indexed) faults.push(`the tag ${tag} is named by "${ids}", its set has "${indexed}"`);
    const count = keys.sorted('tc')[tag] ?? 0;
    if (count !== named.get(tag)?.length) faults.push(`the tag ${tag} counts ${count}, named by "${ids}"`);
  }
  return faults;
}

/** I8: an unbounded hold is of a live job that has the key; a live job that is unique until its end holds its key. */
function uniqueKeys(keys: Keyspace): string[] {
  const faults: string[] = [];
  const expiries = keys.sorted('uz');
  const held = new Map<string, { id: string; expiry: string }>();
  for (const [key, entry] of Object.entries(keys.hash('uk'))) {
    const [id = '', expiry = ''] = entry.split('\t');
    held.set(key, { id, expiry });
    if (String(expiries[key] ?? '') !== expiry)
      faults.push(`the key ${key} ends at "${expiry}", by uz ${expiries[key]}`);
    if (expiry !== '') continue;
    if (!isLive(keys, id)) faults.push(`the key ${key} is held by ${id}, which does not live`);
    else if (!['u', 'v'].some((letter) => fieldOf(keys, id, letter)?.replace(/:$/, '') === key))
      faults.push(`the key ${key} is held by ${id}, which has none such`);
  }
  for (const key of Object.keys(expiries)) if (!held.has(key)) faults.push(`uz has the key ${key}, which nobody holds`);
  for (const id of Object.keys(keys.hash('j'))) {
    const key = fieldOf(keys, id, 'u');
    // With a colon the key is held for a time only: whether that is over, the key alone says.
    if (key === undefined || !isLive(keys, id) || key.endsWith(':')) continue;
    if (held.get(key)?.id !== id) faults.push(`${id} does not hold its key ${key}`);
  }
  return faults;
}

function isLive(keys: Keyspace, id: string): boolean {
  return keys.hash('j')[id] !== undefined && keys.hash('o')[id] === undefined;
}

function fieldOf(keys: Keyspace, id: string, letter: string): string | undefined {
  const fields = keys.hash('j')[id]?.split('\t')[2] ?? '';
  return fields
    .split(',')
    .find((field) => field.startsWith(letter))
    ?.slice(1);
}
