import type { JobKind } from './scenario.js';

/** The data of a job: about 100 bytes as JSON, or 1 KiB. */
export interface Payload {
  /** Tells jobs apart where a scenario has to. */
  readonly n: number;
  readonly userId: string;
  readonly email: string;
  readonly template: string;
  readonly locale: string;
  readonly text?: string;
}

/** A job to add, in words that each adapter translates. */
export interface Draft {
  readonly data: Payload;
  /** Jobs of one id are one job. */
  readonly id?: string;
  /** 1 (first) to 5. */
  readonly priority?: number;
  /** Milliseconds since 1970. */
  readonly runAt?: number;
}

const SMALL: Payload = Object.freeze({
  n: 100_000,
  userId: '1234567',
  email: 'someone@example.com',
  template: 'welcome',
  locale: 'en-GB',
});

const KIB = 1_024;
const PRIORITIES = 5;

/** Letters in no order: equal ones would be a gift to whoever compresses. */
const TEXT = Array.from({ length: KIB }, (_, i) => String.fromCharCode(97 + ((i * i * 7 + i * 13) % 26))).join('');
const LARGE: Payload = Object.freeze({
  ...SMALL,
  text: TEXT.slice(0, KIB - JSON.stringify({ ...SMALL, text: '' }).length),
});

/** Numbers of as many digits as that of `SMALL`, so that all jobs are of one size. */
const FIRST = 100_000;
const NUMBERS = 900_000;

/**
 * Makes the n-th job of a kind. No two share their data, as no two jobs of an application do: Lua keeps equal texts once, and
 * adding a thousand equal jobs took Redis a quarter less.
 */
export function drafts(kind: JobKind, runAt?: number): (n: number) => Draft {
  const small = (n: number): Payload => ({ ...SMALL, n: FIRST + (n % NUMBERS) });
  switch (kind) {
    case 'small':
      return (n) => ({ data: small(n) });
    case 'large':
      return (n) => ({ data: { ...LARGE, n: FIRST + (n % NUMBERS) } });
    case 'prioritised':
      return (n) => ({ data: small(n), priority: 1 + (n % PRIORITIES) });
    case 'unique':
      return (n) => ({ data: small(n), id: `welcome-${n}` });
    case 'numbered':
      return (n) => ({ data: { ...SMALL, n } });
    case 'delayed':
      return (n) => ({ data: small(n), ...(runAt !== undefined && { runAt }) });
  }
}
