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

const PLAIN: Draft = Object.freeze({ data: SMALL });
const FAT: Draft = Object.freeze({ data: LARGE });

/** Makes the n-th job of a kind. Plain ones are one shared object: making them costs nothing that would be measured. */
export function drafts(kind: JobKind, runAt?: number): (n: number) => Draft {
  switch (kind) {
    case 'small':
      return () => PLAIN;
    case 'large':
      return () => FAT;
    case 'prioritised':
      return (n) => ({ data: SMALL, priority: 1 + (n % PRIORITIES) });
    case 'unique':
      return (n) => ({ data: SMALL, id: `welcome-${n}` });
    case 'numbered':
      return (n) => ({ data: { ...SMALL, n } });
    case 'delayed':
      return () => ({ data: SMALL, ...(runAt !== undefined && { runAt }) });
  }
}
