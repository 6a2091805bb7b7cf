import { runIn } from '../programs/work.ts';
import type { Transaction } from './aof.ts';
import type { LedgerEntry } from './entries.ts';

type Said<E extends LedgerEntry> = E extends unknown ? Omit<E, 'turn' | 'at' | 'queue'> : never;

/** What one script wrote of one queue, by what is in it. */
interface Writes {
  readonly outcomes: Map<string, string>;
  readonly errors: Map<string, string>;
  readonly sides: Map<string, string>;
  readonly due: Map<string, number>;
}

const KEY = /^[^{]*\{([^}]*)\}:(.*)$/s;

/** Reads transactions of Redis as what they did to the jobs of the queues under one prefix. */
export class Ledger {
  readonly entries: LedgerEntry[] = [];
  #turn = 0;
  #now = 0;
  /** Epoch -> the length of its lease. */
  readonly #leases = new Map<string, number>();
  /** `queue/id` -> `epoch token` of whoever holds the job. */
  readonly #holds = new Map<string, string>();

  constructor(transactions: Iterable<Transaction>) {
    for (const transaction of transactions) this.#read(transaction);
  }

  #read(transaction: Transaction): void {
    this.#turn += 1;
    const parts = transaction.flatMap(([command = '', key = '', ...args]) => {
      const [, queue, suffix] = KEY.exec(key) ?? [];
      return queue === undefined || suffix === undefined
        ? []
        : [{ command: command.toUpperCase(), queue, suffix, args }];
    });
    for (const part of parts) this.#readTime(part);
    for (const queue of new Set(parts.map((part) => part.queue))) {
      const own = parts.filter((part) => part.queue === queue);
      const writes = gather(own);
      for (const { command, suffix, args } of own) this.#write(queue, command, suffix, args, writes);
    }
  }

  #readTime({ command, suffix, args }: { command: string; suffix: string; args: readonly string[] }): void {
    if (suffix === 'q' && args[0] === 'seen') this.#now = Number(args[1]);
    else if (suffix === 'j' && command === 'HSET') this.#now = Number(args[1]?.slice(1, 14));
    else if (suffix.startsWith('h:') && args[0] === '\topen' && command === 'HSET') {
      const [, lease, since] = (args[1] ?? '').split(',').map(Number);
      this.#leases.set(suffix.slice(2), lease ?? 0);
      this.#now = since ?? this.#now;
    } else if (suffix === 'L' && command === 'ZADD' && args[0] === 'XX') {
      this.#now = Number(args[1]) - (this.#leases.get(args[2] ?? '') ?? NaN);
    }
  }

  #write(queue: string, command: string, suffix: string, args: readonly string[], writes: Writes): void {
    const name = `${command} ${suffix.includes(':') ? suffix.slice(0, suffix.indexOf(':') + 1) : suffix}`;
    if (name === 'HSET ws') {
      for (const [epoch, info] of pairs(args))
        this.#add(queue, { type: 'opened', epoch, by: (JSON.parse(info) as { name: string }).name });
    } else if (name === 'HSET j') for (const [id, envelope] of pairs(args)) this.#store(queue, id, envelope, writes);
    else if (name === 'HSET h:') this.#lease(queue, suffix.slice(2), args);
    else if (name === 'HDEL h:') for (const id of args) this.#leave(queue, suffix.slice(2), id, writes);
    else if (name === 'SADD gs:') this.#place(queue, 'placed', suffix, args);
    else if (name === 'SREM gs:') this.#place(queue, 'displaced', suffix, args);
    else if (name === 'HSET o') for (const [id, outcome] of pairs(args)) this.#end(queue, id, outcome);
    else if (name === 'HDEL j') for (const id of args) this.#add(queue, { type: 'deleted', id });
    else if (name === 'HDEL o') for (const id of args) this.#add(queue, { type: 'revived', id });
  }

  #store(queue: string, id: string, envelope: string, { sides }: Writes): void {
    const [head, rest] = split(envelope, '\n');
    const [, , fields = '', options = ''] = head.split('\t');
    const payload = behindStore(rest, fields);
    const { n = '' } = read<{ n?: string }>(payload);
    const { delayMs } = read<{ delayMs?: number }>(options);
    const lines = new Map(
      (sides.get(id) ?? '').split('\n').map((line) => [line.slice(0, 1), line.split('\t').slice(1)]),
    );
    const key = fields.split(',').find((field) => field.startsWith('u'));
    const [group] = lines.get('g') ?? [];
    const [, amount] = lines.get('r') ?? [];
    const dependsOn = lines.get('d')?.slice(1);
    this.#add(queue, {
      type: 'stored',
      id,
      n,
      ...(delayMs !== undefined && { delayMs }),
      ...(group !== undefined && { group }),
      ...(key !== undefined && { key: key.slice(1) }),
      ...(amount !== undefined && { gpus: Number(amount) }),
      ...(dependsOn !== undefined && { dependsOn }),
    });
  }

  #lease(queue: string, epoch: string, args: readonly string[]): void {
    for (const [id, value] of pairs(args)) {
      if (id.startsWith('\t')) continue;
      const token = value.split('.', 2).join('.');
      const hold = `${epoch} ${token}`;
      // The same hold is written again when the facts of its job change.
      if (this.#holds.get(`${queue}/${id}`) === hold) continue;
      this.#holds.set(`${queue}/${id}`, hold);
      this.#add(queue, { type: 'leased', id, epoch, token });
    }
  }

  #leave(queue: string, epoch: string, id: string, { outcomes, errors, due }: Writes): void {
    if (id === '\topen') this.#add(queue, { type: 'closed', epoch });
    if (id.startsWith('\t')) return;
    this.#holds.delete(`${queue}/${id}`);
    const dueAt = due.get(id);
    const how = outcomes.has(id) ? 'ended' : dueAt === undefined ? 'back' : 'retry';
    const run = runIn(outcomes.get(id) ?? errors.get(id) ?? '');
    this.#add(queue, {
      type: 'left',
      id,
      epoch,
      how,
      ...(run !== undefined && { run }),
      ...(dueAt !== undefined && { dueAt }),
    });
  }

  #place(queue: string, type: 'placed' | 'displaced', suffix: string, ids: readonly string[]): void {
    const group = suffix.slice(suffix.indexOf(':') + 1);
    for (const id of ids) this.#add(queue, { type, id, group });
  }

  #end(queue: string, id: string, outcome: string): void {
    const [head, text] = split(outcome, '\n');
    const run = runIn(text);
    const { kind } = head.startsWith('c') ? { kind: undefined } : read<{ kind?: string }>(text);
    this.#add(queue, {
      type: 'ended',
      id,
      letter: head.slice(0, 1),
      ...(run !== undefined && { run }),
      ...(kind !== undefined && { kind }),
    });
  }

  #add(queue: string, said: Said<LedgerEntry>): void {
    this.entries.push({ turn: this.#turn, at: this.#now, queue, ...said });
  }
}

function gather(parts: readonly { command: string; suffix: string; args: readonly string[] }[]): Writes {
  const writes: Writes = { outcomes: new Map(), errors: new Map(), sides: new Map(), due: new Map() };
  const hashes: Readonly<Record<string, Map<string, string>>> = {
    o: writes.outcomes,
    e: writes.errors,
    x: writes.sides,
  };
  for (const { command, suffix, args } of parts) {
    if (command === 'HSET') for (const [field, value] of pairs(args)) hashes[suffix]?.set(field, value);
    if (command === 'ZADD' && (suffix === 'd' || suffix === 't'))
      for (const [score, id] of pairs(args)) writes.due.set(id, Number(score));
  }
  return writes;
}

/** What follows a job in store, whose length in bytes a field tells. */
function behindStore(text: string, fields: string): string {
  const bytes = /(?:^|,)f(\d+)/.exec(fields)?.[1];
  return bytes === undefined ? text : Buffer.from(text).toString('utf8', Number(bytes));
}

function pairs(args: readonly string[]): [string, string][] {
  return Array.from({ length: args.length >> 1 }, (_, i) => [args[2 * i] ?? '', args[2 * i + 1] ?? '']);
}

function split(text: string, at: string): [string, string] {
  const index = text.indexOf(at);
  return index === -1 ? [text, ''] : [text.slice(0, index), text.slice(index + 1)];
}

function read<T extends object>(text: string): Partial<T> {
  try {
    return (JSON.parse(text) ?? {}) as Partial<T>;
  } catch {
    return {};
  }
}
