/**
 * What a handler returns so that something goes on in the moment in which its job ends: made by `job.moveTo()` and
 * `job.completeWith()`.
 *
 * @typeParam R the result of the job
 */
export class Onward<R = unknown> {
  /** Never present: carries the type of the result. */
  declare readonly result?: R;
  /** As a letter of the wire contract: `q` completed, another job follows; `m` the job itself moves. */
  readonly letter: 'q' | 'm';
  /** The queue in which it goes on. */
  readonly queue: string;
  /** What hooks are told. */
  readonly value: unknown;
  /** What the core is told. */
  readonly body: string;

  /** Made by a running job only. */
  constructor(letter: 'q' | 'm', queue: string, body: string, value?: unknown) {
    this.letter = letter;
    this.queue = queue;
    this.body = body;
    this.value = value;
  }
}

/** A job that is added when another one completes, and the result of that one. @param queue empty = the same queue */
export function encodeFollowing(
  { head, body }: { readonly head: string; readonly body: string },
  queue: string,
  result: string,
): string {
  return `${Buffer.byteLength(head)},${Buffer.byteLength(body)}\t${queue}\n${head}${body}${result}`;
}

/** Says that what follows is brought by another end of the same call: of several jobs, one that follows all of them. */
export function encodeFollowingToo(body: string): string {
  const head = body.slice(body.indexOf('\n') + 1).slice(0, Number.parseInt(body, 10));
  return `@${/^[^\t\n]+/.exec(head)?.[0]}`;
}

/** Where a job moves. @param queue empty = the same queue; `data` undefined = as it is */
export function encodeMove(queue: string, how: string, name: string, data: string | undefined): string {
  return `${queue}\t${how}\t${name}\t${data === undefined ? 0 : 1}\n${data ?? ''}`;
}
