const CR = 13;
const scalars = new Set(['+', '-', ':', '_', ',', '#', '(']);
const bulks = new Set(['$', '=', '!']);
const aggregates = new Map([
  ['*', 1],
  ['~', 1],
  ['>', 1],
  ['%', 2],
  ['|', 2],
]);

/** Index behind the RESP value that begins at `start`, or -1 while it is incomplete. */
export function replyEnd(buffer: Buffer, start: number): number {
  const line = lineEnd(buffer, start);
  if (line === -1) return -1;
  const type = String.fromCharCode(buffer[start] ?? 0);
  if (scalars.has(type)) return line;
  const count = Number(buffer.toString('latin1', start + 1, line - 2));
  if (bulks.has(type)) {
    const end = count < 0 ? line : line + count + 2;
    return end <= buffer.length ? end : -1;
  }
  const width = aggregates.get(type);
  if (width === undefined) throw new Error(`not RESP: ${JSON.stringify(type)} at ${start}`);
  let end = line;
  // An attribute ('|') is a prefix: the value itself follows it.
  for (let rest = Math.max(count, 0) * width + (type === '|' ? 1 : 0); rest > 0; rest -= 1) {
    end = replyEnd(buffer, end);
    if (end === -1) return -1;
  }
  return end;
}

/** True for a RESP3 push, which answers no command. */
export function isPush(buffer: Buffer, start: number): boolean {
  return buffer[start] === '>'.charCodeAt(0);
}

/** The arguments of a command (an array of bulk strings) that fills `frame`. */
export function commandArgs(frame: Buffer): string[] {
  const args: string[] = [];
  let at = lineEnd(frame, 0);
  while (at !== -1 && at < frame.length) {
    const line = lineEnd(frame, at);
    const length = Number(frame.toString('latin1', at + 1, line - 2));
    args.push(frame.toString('utf8', line, line + length));
    at = line + length + 2;
  }
  return args;
}

function lineEnd(buffer: Buffer, start: number): number {
  const cr = buffer.indexOf(CR, start);
  return cr === -1 || cr + 1 >= buffer.length ? -1 : cr + 2;
}
