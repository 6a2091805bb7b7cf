import { isCluster, type Client } from './client/client.js';

/** Keys that one step of a scan looks at, of all that the server has. */
const LOOKED = 1_000;

/** Finds all keys that begin so, a few at a time; some may come twice. A key that is there all the while is found. */
export async function* keysUnder(client: Client, start: string): AsyncGenerator<string[]> {
  const match = `${start.replace(/[\\*?[\]]/g, '\\$&')}*`;
  for (const node of isCluster(client) ? client.nodes('master') : [client]) {
    let cursor = '0';
    do {
      const [next, keys] = await node.scan(cursor, 'MATCH', match, 'COUNT', LOOKED);
      cursor = next;
      if (keys.length > 0) yield keys;
    } while (cursor !== '0');
  }
}

/** Takes keys of one slot away in one atomic step; their memory is freed in the background. */
export async function unlinkKeys(client: Client, keys: readonly string[]): Promise<void> {
  if (keys.length > 0) await client.unlink(...keys);
}

/** About how many bytes keys take; 0 for one that is not there. Of a large one only a part is looked at. */
export async function memoryOf(client: Client, keys: readonly string[]): Promise<number[]> {
  const asked = keys.map((key) => client.memory('USAGE', key, 'SAMPLES', 20));
  return (await Promise.all(asked)).map((bytes) => bytes ?? 0);
}

/** The fields of a hash with their values. */
export async function* fieldsOf(client: Client, key: string): AsyncGenerator<[field: string, value: string]> {
  let cursor = '0';
  do {
    const [next, flat] = await client.hscan(key, cursor, 'COUNT', LOOKED);
    cursor = next;
    for (let i = 0; i < flat.length; i += 2) yield [flat[i] ?? '', flat[i + 1] ?? ''];
  } while (cursor !== '0');
}
