import { commandArgs, replyEnd } from '../../support/resp.ts';

/** The writes of one command or script, all done at once. */
export type Transaction = readonly (readonly string[])[];

const HASH = '#'.charCodeAt(0);

/**
 * What an append-only file says was written, in order. What Redis was writing when it was killed, and so did not do, is
 * left out.
 */
export function* transactionsOf(file: Buffer): Generator<Transaction> {
  let open: (readonly string[])[] | undefined;
  for (const command of commandsOf(file)) {
    const name = command[0]?.toUpperCase();
    if (name === 'MULTI') open = [];
    else if (name === 'EXEC') {
      yield open ?? [];
      open = undefined;
    } else if (open !== undefined) open.push(command);
    else yield [command];
  }
}

function* commandsOf(file: Buffer): Generator<readonly string[]> {
  for (let at = 0; at < file.length;) {
    // A note of Redis, such as the time: a line to itself.
    if (file[at] === HASH) {
      const end = file.indexOf('\n', at);
      if (end === -1) return;
      at = end + 1;
      continue;
    }
    const end = replyEnd(file, at);
    if (end === -1) return;
    yield commandArgs(file.subarray(at, end));
    at = end;
  }
}
