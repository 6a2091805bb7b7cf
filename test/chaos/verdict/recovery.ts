import { PROGRESS } from '../crew/watch.ts';
import type { LedgerEntry } from '../evidence/entries.ts';
import { CaseFile, type JobCase } from './case-file.ts';
import { concerns, seatOf, type Evidence, type FaultSpan } from './evidence.ts';

/** How long something took after the end of a fault to be as it was. */
export interface Recovery {
  readonly what: string;
  readonly ms: number;
  /** All that is known of a job. */
  readonly history?: readonly string[];
}

/** Of all recoveries. */
export interface RecoveryMs {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/**
 * How long it took after each fault until each process concerned did something again, and until each job that a killed
 * process had was back, and its turn had come. What another fault held up meanwhile counts from the end of that one.
 */
export function recoveries(evidence: Evidence): Recovery[] {
  const faults = evidence.faults.filter(({ kind }) => kind !== MACHINE);
  const dead = [...faults, ...births(evidence, faults)];
  return [...ofProcesses(evidence, faults, dead), ...ofJobs(evidence, faults, dead)];
}

/** Nobody works until the program has begun that takes the place of another: that time is the machine's. */
function births({ lines }: Evidence, faults: readonly FaultSpan[]): FaultSpan[] {
  const deaths = faults.filter(({ kind }) => kind === 'kill' || kind === 'killAt' || kind === 'terminate');
  return lines.flatMap(({ op, by, at }) => {
    const death =
      op === 'born' ? deaths.findLast((fault) => fault.from <= at && concerns(fault, seatOf(by))) : undefined;
    return death === undefined ? [] : [{ ...death, to: at }];
  });
}

/** The kind of a pause of the machine itself, which nobody made. */
export const MACHINE = 'machine';

export function summarize(found: readonly Recovery[]): RecoveryMs {
  const sorted = found.map(({ ms }) => ms).sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99), max: sorted.at(-1) ?? 0 };
}

function ofProcesses({ lines }: Evidence, faults: readonly FaultSpan[], dead: readonly FaultSpan[]): Recovery[] {
  const progress = new Map<string, number[]>();
  for (const { op, by, at } of lines) {
    if (!PROGRESS.has(op)) continue;
    const seat = seatOf(by);
    progress.set(seat, progress.get(seat) ?? []);
    progress.get(seat)?.push(at);
  }
  return faults.flatMap((fault) =>
    [...progress].flatMap(([seat, moments]) => {
      if (!concerns(fault, seat)) return [];
      const next = (after: number): number | undefined => moments.find((at) => at > after);
      const ms = undisturbed(dead, seat, fault.to, next);
      return ms === undefined ? [] : [{ what: `${seat} after ${fault.kind}`, ms }];
    }),
  );
}

/**
 * From the last kill of its process until each job that had begun there was back and its turn had come: it was leased, or another one
 * of its queue that is no more urgent, for it may have to wait for those that are.
 */
function ofJobs(evidence: Evidence, faults: readonly FaultSpan[], dead: readonly FaultSpan[]): Recovery[] {
  const helpless = [...faults.filter(({ victims }) => victims === 'all'), ...allAtOnce(evidence, dead)];
  const kills = faults.filter(({ kind }) => kind === 'kill' || kind === 'killAt');
  const file = new CaseFile(evidence);
  return [...file.jobs.values()].flatMap((job) =>
    job.holds.flatMap(({ by, leased, left, start }, index) => {
      const fault = kills.find(({ victims }) => victims !== 'all' && victims.includes(by));
      if (fault === undefined || start === undefined || left?.how !== 'back' || job.holds[index + 1] === undefined)
        return [];
      const again = nextTurn(file, job, left.at);
      if (again === undefined) return [];
      if (fault.to < leased.at || again < fault.to) return [];
      const ms = undisturbed(helpless, job.key, fault.to, (after) => (again > after ? again : undefined));
      const { what, history } = file.about(job, `after ${fault.kind} of ${by}`);
      return ms === undefined ? [] : [{ what, ms, history }];
    }),
  );
}

/** When a job that is no more urgent than this one was leased from its queue. */
function nextTurn(file: CaseFile, job: JobCase, after: number): number | undefined {
  const urgency = ({ stored }: JobCase): number => file.orders.get(stored?.n ?? '')?.intent.priority ?? 0;
  const isTurn = (entry: LedgerEntry): boolean => {
    if (entry.type !== 'leased' || entry.queue !== job.stored?.queue || entry.at < after) return false;
    const other = file.jobs.get(`${entry.queue}/${entry.id}`);
    return other !== undefined && urgency(other) <= urgency(job);
  };
  return file.evidence.ledger.find(isTurn)?.at;
}

/** The times in which no worker could take over a job, for each had a fault of its own. */
function allAtOnce({ lines }: Evidence, faults: readonly FaultSpan[]): FaultSpan[] {
  const workers = [...new Set(lines.flatMap(({ op, by }) => (op === 'start' ? [seatOf(by)] : [])))];
  const isHit = (worker: string, moment: number): boolean =>
    faults.some((fault) => concerns(fault, worker) && fault.from <= moment && moment < fault.to);
  const moments = [...new Set(faults.flatMap(({ from, to }) => [from, to]))].sort((a, b) => a - b);
  return moments.flatMap((from, index) => {
    const to = moments[index + 1];
    if (to === undefined || !workers.every((worker) => isHit(worker, from))) return [];
    return [{ kind: 'all workers', victims: 'all' as const, from, to, canTakeLease: true }];
  });
}

/** The time from `from`, or from the end of the last fault that came in between, to what `next` finds after it. */
function undisturbed(
  faults: readonly FaultSpan[],
  who: string,
  from: number,
  next: (after: number) => number | undefined,
): number | undefined {
  for (let since = from; ;) {
    const found = next(since);
    if (found === undefined) return undefined;
    const later = faults.filter((fault) => concerns(fault, who) && fault.from <= found && fault.to > since);
    if (later.length === 0) return found - since;
    since = Math.max(...later.map(({ to }) => to));
  }
}
