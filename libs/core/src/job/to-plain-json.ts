import { types } from 'node:util';

import { MAX_DEPTH } from './plain-json.js';

/** What of a value cannot be stored: where, and why (a sentence that follows the path). */
export class UnstorableError extends Error {
  readonly path: string;
  readonly problem: string;

  constructor(path: string, problem: string, options?: ErrorOptions) {
    super(`${path} ${problem}`, options);
    this.path = path;
    this.problem = problem;
  }
}

/** Objects of which JSON would keep nothing or the wrong thing, and what to pass instead. */
const REFUSED_OBJECTS: readonly (readonly [(value: object) => boolean, string])[] = [
  [types.isMap, 'is a Map, of which JSON keeps nothing. Pass Object.fromEntries(map) or [...map].'],
  [types.isSet, 'is a Set, of which JSON keeps nothing. Pass [...set].'],
  [types.isPromise, 'is a Promise. Await it first.'],
  [types.isRegExp, 'is a RegExp, of which JSON keeps nothing. Pass its source.'],
  [types.isNativeError, 'is an Error, of which JSON keeps nothing. Pass its message.'],
  [types.isWeakMap, 'is a WeakMap, of which JSON keeps nothing.'],
  [types.isWeakSet, 'is a WeakSet, of which JSON keeps nothing.'],
  [types.isAnyArrayBuffer, "is an ArrayBuffer, of which JSON keeps nothing. Pass Buffer.from(…).toString('base64')."],
  [types.isArrayBufferView, "is binary data. Pass Buffer.from(…).toString('base64')."],
];

/** Where the copying is: the objects that it is inside of, and by which keys it came there. */
interface Place {
  readonly root: string;
  readonly ancestors: object[];
  readonly keys: (string | number)[];
}

/**
 * Copies a value into plain objects, lists and primitives that JSON keeps as they are. Getters and `toJSON` are called
 * once, so what was checked is what is stored.
 *
 * @param root what the value is called in the path of an error
 * @throws UnstorableError
 */
export function toPlainJson(value: unknown, root: string): unknown {
  return copy(value, { root, ancestors: [], keys: [] });
}

function copy(given: unknown, place: Place): unknown {
  const value = typeof given === 'object' || typeof given === 'bigint' ? unwrap(given, place) : given;
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'undefined':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : refuse(place, `is ${value}, which JSON would turn into null.`);
    case 'bigint':
      return refuse(place, 'is a BigInt. Pass it as a string: String(value).');
    case 'function':
      return refuse(place, 'is a function, which JSON leaves out.');
    case 'symbol':
      return refuse(place, 'is a symbol, which JSON leaves out.');
    case 'object':
      return value === null ? null : copyObject(value, place);
  }
}

function copyObject(value: object, place: Place): unknown {
  const { ancestors } = place;
  if (ancestors.includes(value)) refuse(place, 'refers back to an object that it is part of (a cycle).');
  if (ancestors.length >= MAX_DEPTH) refuse(place, `is nested deeper than ${MAX_DEPTH} levels. Store it flatter.`);
  const isList = Array.isArray(value);
  if (!isList && Object.getPrototypeOf(value) !== Object.prototype) {
    const refused = REFUSED_OBJECTS.find(([isKind]) => isKind(value));
    if (refused !== undefined) refuse(place, refused[1]);
  }
  ancestors.push(value);
  const result = isList ? copyList(value, place) : copyMembers(value, place);
  ancestors.pop();
  return result;
}

function copyList(list: readonly unknown[], place: Place): unknown[] {
  const result: unknown[] = [];
  for (let index = 0; index < list.length; index++) {
    place.keys.push(index);
    const item = copy(list[index], place);
    if (item === undefined) refuse(place, 'is undefined, which JSON would turn into null in a list.');
    result.push(item);
    place.keys.pop();
  }
  return result;
}

function copyMembers(value: object, place: Place): object {
  // Without prototype, so that a key such as __proto__ is a key like any other.
  const result = Object.create(null) as Record<string, unknown>;
  for (const key of Object.keys(value)) {
    place.keys.push(key);
    result[key] = copy(readMember(value, key, place), place);
    place.keys.pop();
  }
  return result;
}

function readMember(value: object, key: string, place: Place): unknown {
  try {
    return (value as Record<string, unknown>)[key];
  } catch (cause) {
    return refuse(place, 'has a getter that threw.', cause);
  }
}

/** What JSON.stringify sees of an object or bigint: what its `toJSON` gives, and a boxed primitive without its box. */
function unwrap(given: unknown, place: Place): unknown {
  if (given === null) return null;
  if (types.isDate(given) && Number.isNaN(given.getTime())) refuse(place, 'is an invalid Date.');
  const value = callToJson(given as object, place);
  return types.isBoxedPrimitive(value) ? (value as { valueOf(): unknown }).valueOf() : value;
}

function callToJson(value: object, place: Place): unknown {
  try {
    const { toJSON } = value as { toJSON?: unknown };
    return typeof toJSON === 'function' ? (toJSON.call(value, String(place.keys.at(-1) ?? '')) as unknown) : value;
  } catch (cause) {
    return refuse(place, 'has a toJSON that threw.', cause);
  }
}

function refuse({ root, keys }: Place, problem: string, cause?: unknown): never {
  // A path of a thousand steps helps nobody: its beginning does.
  const steps = keys.slice(0, 40).map((key) => {
    if (typeof key === 'number') return `[${key}]`;
    return /^[\w$]+$/.test(key) ? `.${key}` : `[${JSON.stringify(key.slice(0, 100))}]`;
  });
  const path = `${root}${steps.join('')}${keys.length > 40 ? '…' : ''}`;
  throw new UnstorableError(path, problem, cause === undefined ? undefined : { cause });
}
