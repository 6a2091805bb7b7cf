/** What JSON text can hold as it is. */
type JsonPrimitive = string | number | boolean | null;

/** Stands where JSON cannot keep a value; the text says why. Nothing is assignable to it. */
export interface NotJson<Why extends string> {
  readonly 'JSON cannot keep this': Why;
  readonly [NOT_JSON]: never;
}
declare const NOT_JSON: unique symbol;

/** Why JSON cannot keep a value of this type; `never` if it can. */
type Refusal<T> = T extends bigint
  ? 'a bigint: pass it as a string'
  : T extends symbol
    ? 'a symbol'
    : T extends (...args: never[]) => unknown
      ? 'a function'
      : T extends ReadonlyMap<unknown, unknown>
        ? 'a Map: pass Object.fromEntries(map) or [...map]'
        : T extends ReadonlySet<unknown>
          ? 'a Set: pass [...set]'
          : T extends WeakMap<WeakKey, unknown> | WeakSet<WeakKey>
            ? 'a weak collection'
            : T extends Promise<unknown>
              ? 'a Promise: await it'
              : T extends RegExp
                ? 'a RegExp: pass its source'
                : never;

/**
 * `T` as it may be given to a queue: the same type, with every member that JSON cannot keep (Map, Set, bigint, function,
 * symbol, Promise) turned into one that nothing fits, so that passing it is a compile error. Dates and objects with
 * `toJSON` pass; see {@link Jsonify} for what arrives.
 */
export type Json<T> = T extends JsonPrimitive | undefined | void
  ? T
  : T extends { toJSON(key?: never): unknown }
    ? T
    : [Refusal<T>] extends [never]
      ? T extends object
        ? { [K in keyof T]: Json<T[K]> }
        : T
      : NotJson<Refusal<T>>;

/** The keys whose members JSON leaves out. */
type DroppedKey<T> = {
  [K in keyof T]-?: T[K] extends symbol | ((...args: never[]) => unknown) ? K : K extends symbol ? K : never;
}[keyof T];

/** `undefined` in a member means that JSON leaves the member out. */
type JsonifyObject<T> = { [K in keyof T as K extends DroppedKey<T> ? never : K]: Jsonify<T[K]> };

/**
 * What comes back when a `T` has been through JSON: a Date is a string, an object with `toJSON` is what that returns,
 * methods are gone. It is the type of `job.data` and of results.
 */
// `any` and `unknown` come through without a case of their own. One would compare against T, which makes T invariant:
// ActiveJob<{ userId: string }> could no longer be passed on as an ActiveJob.
export type Jsonify<T> = T extends JsonPrimitive | undefined | void
  ? T
  : T extends { toJSON(key?: never): infer R }
    ? Jsonify<R>
    : T extends bigint | symbol | ((...args: never[]) => unknown)
      ? never
      : T extends readonly unknown[]
        ? { [K in keyof T]: Jsonify<T[K]> }
        : T extends object
          ? JsonifyObject<T>
          : T;
