import { measureInChild } from './child.js';
import type { Progress } from './console/progress.js';
import type { Measurement } from './measure/task.js';
import type { Pace } from './pace.js';
import type { Part, Side } from './plan.js';
import { BenchServer } from './server.js';

/** Longer, and the machine is so slow that fewer jobs have to do. */
const LIMIT_MS = 6_000;

/** What all scenarios of a run share. */
export interface RunContext {
  readonly pace: Pace;
  readonly progress: Progress;
  /** Ends the run. */
  readonly signal: AbortSignal;
  /** Takes sentences about what could not be measured. */
  readonly notes: string[];
}

/** What each side measured, round by round. */
export type Measured = ReadonlyMap<Side, readonly Measurement[]>;

/**
 * All rounds of a scenario on a Redis of its own. Sides take turns (A B C A B C), so that what the machine does meanwhile
 * concerns all of them. A side that fails is left out; without Millrace there is nothing to compare.
 *
 * @param later measurements that have to be made afterwards; when there is only time for those, rounds are left out
 */
export async function runRounds(part: Part, later: number, context: RunContext): Promise<Measured> {
  const { pace, notes } = context;
  const sides = new Map<Side, Measurement[]>([part.ours, ...part.theirs].map((side) => [side, []]));
  const server = await BenchServer.start(part.scenario.persistence);
  try {
    for (let round = 1; round <= part.rounds; round++) {
      const left = part.rounds - round + 1;
      if (!sides.has(part.ours) || sides.size === 1) {
        pace.dropped(left * sides.size);
        return new Map();
      }
      if (round > 1 && !pace.hasTimeFor(sides.size + later)) {
        pace.dropped(left * sides.size);
        notes.push(
          `${part.name} has ${round - 1} of ${part.rounds} rounds: the machine is too slow for more in the time.`,
        );
        break;
      }
      await runRound(part, round, { ...context, port: server.port, sides });
    }
  } finally {
    await server.stop();
  }
  return sides;
}

interface RoundContext extends RunContext {
  readonly port: number;
  readonly sides: Map<Side, Measurement[]>;
}

async function runRound(part: Part, round: number, context: RoundContext): Promise<void> {
  const { pace, progress, notes, signal, port, sides } = context;
  for (const [side, measurements] of sides) {
    progress.begins(`${part.scenario.title}: ${side.name}, round ${round} of ${part.rounds}`);
    const { peer, scenario, jobs } = side;
    try {
      measurements.push(await measureInChild({ peer, scenario, jobs, port, limitMs: LIMIT_MS }, signal));
      pace.made();
    } catch (error) {
      signal.throwIfAborted();
      notes.push(`${side.name} is left out of ${part.name}: ${(error as Error).message}`);
      sides.delete(side);
      pace.dropped(part.rounds - round + 1);
    }
  }
}
