/**
 * The key that all keys of a queue begin with; a suffix follows it (`:j`). Everything between the braces is the hash
 * tag, so that one queue, or all queues of one slot, lie in one slot of a Cluster.
 *
 * No two names share a key: braces are not allowed in names, and in a shared slot the queue's length (UTF-8 bytes)
 * stands before its name.
 *
 * @example
 * baseKey('millrace', 'mail')            // millrace:{mail}
 * baseKey('millrace', 'mail', 'shop')    // millrace:{shop}4:mail
 */
export function baseKey(prefix: string, queue: string, slot?: string): string {
  if (slot === undefined) return `${prefix}:{${queue}}`;
  return `${prefix}:{${slot}}${Buffer.byteLength(queue)}:${queue}`;
}

/** The queue that a key or channel belongs to; the key itself where it is no queue's. */
export function queueOfKey(key: string): string {
  const open = key.indexOf('{');
  if (open === -1) return key;
  const close = key.indexOf('}', open);
  const length = /^\d+(?=:)/.exec(key.slice(close + 1))?.[0];
  if (length === undefined) return key.slice(open + 1, close);
  const rest = Buffer.from(key.slice(close + 2 + length.length));
  return rest.subarray(0, Number(length)).toString();
}

/** HASH of all queues under a prefix: the queue's name -> its base key and format. */
export function registryKey(prefix: string): string {
  return `${prefix}:queues`;
}
