/** What the header of a Lua source says. The grammar is in `lua/README.md`. */

export const REPEATS = ['natural', 'lane', 'slot', 'read'] as const;
export type Repeat = (typeof REPEATS)[number];

export const OOM_MODES = ['allow', 'first-write'] as const;
export type OomMode = (typeof OOM_MODES)[number];

export const KEY_TYPES = ['string', 'hash', 'list', 'set', 'zset', 'stream', 'channel'] as const;

export const ARG_TYPES = ['string', 'int', 'list'] as const;
export type ArgType = (typeof ARG_TYPES)[number];

export const REPLY_TYPES = ['string', 'string?', 'int', 'strings', 'strings?'] as const;
export type ReplyType = (typeof REPLY_TYPES)[number];

export interface RequireTag {
  readonly line: number;
  readonly name: string;
}

export interface KeyTag {
  readonly line: number;
  readonly name: string;
  /** As written: `j`, `h:<epoch>` for a family of keys, `^ru` for one that a slot shares, or `.` for the key that the caller names. */
  readonly pattern: string;
  /** What is appended to the base, after a colon: the pattern up to a final `<…>`; empty for `.`. */
  readonly suffix: string;
  readonly type: string;
  readonly remark: string;
}

export interface ArgTag {
  readonly line: number;
  readonly name: string;
  readonly type: ArgType;
  readonly remark: string;
}

export interface RestTag {
  readonly line: number;
  readonly name: string;
  /** The fields of a row, in order. */
  readonly fields: readonly string[];
  readonly remark: string;
}

export interface ReplyField {
  readonly name: string;
  readonly type: ReplyType;
}

export interface ReplyTag {
  readonly line: number;
  readonly code: string;
  readonly fields: readonly ReplyField[];
  readonly remark: string;
}

export interface Header {
  readonly prose: string[];
  readonly requires: RequireTag[];
  readonly keys: KeyTag[];
  readonly args: ArgTag[];
  rest: RestTag | undefined;
  readonly replies: ReplyTag[];
  readonly events: string[];
  repeat: Repeat | undefined;
  oom: OomMode | undefined;
}

export function emptyHeader(): Header {
  return {
    prose: [],
    requires: [],
    keys: [],
    args: [],
    rest: undefined,
    replies: [],
    events: [],
    repeat: undefined,
    oom: undefined,
  };
}
