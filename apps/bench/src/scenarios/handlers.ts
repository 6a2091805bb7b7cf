import type { Payload } from './drafts.js';
import type { HandlerKind } from './scenario.js';

/** Runs one job; a rejection is a failed attempt. */
export type Handler = (data: Payload) => Promise<void>;

const LONGEST_MS = 5;
/** Of ten jobs, one fails. */
const FAILING = 10;

/** Makes a handler that does something and then says that a job is done. */
export function handlerOf(kind: HandlerKind, done: () => void): Handler {
  switch (kind) {
    case 'nothing':
      return async () => done();
    case '1 ms':
      return async () => {
        await wait(1);
        done();
      };
    case '0–5 ms':
      return mixed(done);
    case 'fails once':
      return failingOnce(done);
  }
}

/** Durations in an order that looks random and is the same for everybody. */
function mixed(done: () => void): Handler {
  let state = 1;
  return async () => {
    state = (state * 48_271) % 2_147_483_647;
    await wait(state % (LONGEST_MS + 1));
    done();
  };
}

function failingOnce(done: () => void): Handler {
  const failed = new Set<number>();
  return async ({ n }) => {
    if (n % FAILING === 0 && !failed.has(n)) {
      failed.add(n);
      throw new Error('The mail server is busy.');
    }
    done();
  };
}

/** A timer of 0 ms would take 1 ms. */
function wait(ms: number): Promise<void> {
  return new Promise((resolve) => (ms === 0 ? setImmediate(resolve) : setTimeout(resolve, ms)));
}
