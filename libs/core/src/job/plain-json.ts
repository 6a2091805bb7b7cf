/** How deep a payload may be nested. Far below what overflows the stack in here, in JSON.stringify or in a reader. */
export const MAX_DEPTH = 1_000;

const DATE_TO_JSON: unknown = Date.prototype.toJSON;

/**
 * Whether JSON.stringify keeps this value as it is (valid dates as their text), so that it needs neither a copy nor a
 * closer look. A `false` is harmless: `toPlainJson` looks closer then. Never throws.
 */
export function isPlainJson(value: unknown): boolean {
  try {
    return isPlain(value, 0);
  } catch {
    return false;
  }
}

function isPlain(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value);
    case 'object':
      return (
        value === null ||
        (depth < MAX_DEPTH && (Array.isArray(value) ? isPlainList(value, depth) : isPlainObject(value, depth)))
      );
    default:
      return false;
  }
}

function isPlainList(list: readonly unknown[], depth: number): boolean {
  if ((list as { toJSON?: unknown }).toJSON !== undefined) return false;
  for (let index = 0; index < list.length; index++) {
    // `undefined`, and a hole, would become null.
    if (!isPlain(list[index], depth + 1)) return false;
  }
  return true;
}

function isPlainObject(value: object, depth: number): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  const { toJSON } = value as { toJSON?: unknown };
  if (prototype === Date.prototype) return toJSON === DATE_TO_JSON && Number.isFinite((value as Date).getTime());
  if (toJSON !== undefined || (prototype !== Object.prototype && prototype !== null)) return false;
  for (const key in value) {
    const member = (value as Record<string, unknown>)[key];
    if (member !== undefined && !isPlain(member, depth + 1)) return false;
  }
  return true;
}
