import { callable } from '../../options/check/checks.js';
import { fieldTable, readFields } from '../../options/index.js';
import { scripts } from '../../redis/index.js';
import { LaneQueue } from '../lane.js';
import type { QueueContext } from '../queue-context.js';
import { identityOf, tellFinding, type Finding, type RawFinding } from './finding.js';
import { Inspection } from './inspection.js';

/** Who hears how far it is. */
export interface VerifyOptions {
  /** Told after each call to Redis: how many members of keys have been looked at. */
  readonly onProgress?: ((looked: number) => void) | undefined;
}

/** What `verify()` has found. */
export interface VerifyReport {
  /** Nothing is wrong with what was looked at. */
  readonly isClean: boolean;
  readonly findings: readonly Finding[];
  /** How many members of keys were looked at. */
  readonly looked: number;
  /** What could not be judged, in words: a counter whose list moved all the while, what queues of a slot use together. */
  readonly unchecked: readonly string[];
}

/** A finding, and what became of it: `mended`; `gone` before it could be mended; `left` as it is. */
export interface MendedFinding extends Finding {
  readonly outcome: 'mended' | 'gone' | 'left';
}

/** What `repair()` has found and done. */
export interface RepairReport extends VerifyReport {
  /** Nothing is wrong any more. */
  readonly isClean: boolean;
  readonly findings: readonly MendedFinding[];
}

const TABLE = fieldTable<{ readonly onProgress: (looked: number) => void }>({
  onProgress: callable<(looked: number) => void>(),
});
/** Findings mended in one call: some write a dozen keys, or look through 20,000 entries of a list first. */
const MENDED = 15;
/** What is mended can show more: a record that was put back, what it lacks. */
const PASSES = 6;
const OUTCOMES: Readonly<Record<string, MendedFinding['outcome']>> = { M: 'mended', C: 'gone', L: 'left' };

/** Looks for what is wrong with the keys of a queue, and changes nothing. @throws UnknownOptionError, InvalidOptionError */
export async function verifyQueue(queue: QueueContext, options: VerifyOptions): Promise<VerifyReport> {
  const { onProgress = nothing } = readFields(options, TABLE, () => `verify('${queue.name}')`);
  const { found, looked, unchecked } = await new Inspection(queue, async () => {}, onProgress).run();
  const findings = distinct(found).map(tellFinding);
  return { isClean: findings.length === 0, findings, looked, unchecked };
}

/** The same, and mends what it finds, each by a command that looks again first. @throws as `verifyQueue` */
export async function repairQueue(queue: QueueContext, options: VerifyOptions): Promise<RepairReport> {
  const { onProgress = nothing } = readFields(options, TABLE, () => `repair('${queue.name}')`);
  const lane = new LaneQueue(queue);
  const findings = new Map<string, MendedFinding>();
  const mend = async (found: readonly RawFinding[]): Promise<void> => {
    for (let from = 0; from < found.length; from += MENDED) {
      const part = found.slice(from, from + MENDED);
      const fates = await mendAll(queue, lane, part);
      part.forEach((raw, i) => {
        const outcome = OUTCOMES[fates[i] ?? ''] ?? 'left';
        const known = findings.get(identityOf(raw));
        if (known?.outcome !== 'mended') findings.set(identityOf(raw), { ...tellFinding(raw), outcome });
      });
    }
  };
  let [looked, isClean, unchecked]: [number, boolean, readonly string[]] = [0, false, []];
  for (let pass = 0; pass < PASSES && !isClean; pass++) {
    const before = looked;
    const inspected = await new Inspection(queue, mend, (n) => onProgress(before + n)).run();
    looked += inspected.looked;
    isClean = inspected.found.length === 0;
    unchecked = isClean ? inspected.unchecked : [];
  }
  return { isClean, findings: [...findings.values()], looked, unchecked };
}

async function mendAll(queue: QueueContext, lane: LaneQueue, found: readonly RawFinding[]): Promise<string[]> {
  const isAside = ({ kind }: RawFinding): boolean => kind === 'unknown-key' || kind === 'wrong-type';
  const keys = found.filter(isAside).map(({ key }) => key);
  const { scripts: runner } = queue.connection;
  if (keys.length > 0) await runner.run(scripts.setAside, queue.base, { rows: keys });
  const others = found.filter((each) => !isAside(each));
  const rows = others.flatMap(({ kind, key, member, proof }) => [kind, key, member, proof]);
  const { now } = queue;
  const { fates } =
    others.length === 0
      ? { fates: '' }
      : await lane.call(
          scripts.mend,
          ({ laneId, seq }) => ({ now, laneId, seq, rows }),
          () => [],
        );
  const letters = fates.split('');
  return found.map((each) => (isAside(each) ? 'M' : (letters.shift() ?? 'L')));
}

function distinct(found: readonly RawFinding[]): RawFinding[] {
  return [...new Map(found.map((each) => [identityOf(each), each])).values()];
}

function nothing(): void {}
