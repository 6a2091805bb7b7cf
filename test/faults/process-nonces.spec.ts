import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Harness } from '../core/support/harness.ts';
import { Child } from '../support/child.ts';

const PROGRAM = new URL('./programs/counted-randomness.ts', import.meta.url);

interface Told {
  /** Draws so far: after the import, after making queue and worker, after the start, after adding a job. */
  readonly draws: readonly [number, number, number, number];
  readonly epoch: string;
  readonly id: string;
}

describe('processes that were started from one snapshot', () => {
  let harness: Harness;

  beforeEach(() => {
    harness = new Harness();
  });

  afterEach(() => harness.close());

  it('share no nonce: one is drawn when an epoch or a lane begins, and none before [core:C1]', async () => {
    const start = (): Promise<Child> => Child.start(PROGRAM, { args: [harness.url, harness.prefix] });
    const children = await Promise.all([start(), start()]);
    const told = await Promise.all(children.map((child) => child.message<Told>({}, 20_000)));
    await Promise.all(children.map((child) => child.exited));
    for (const { draws } of told) {
      const [atImport, atConstruction, atStart, atAdd] = draws;
      expect([atImport, atConstruction]).toEqual([0, 0]);
      expect(atStart).toBeGreaterThan(0);
      expect(atAdd).toBeGreaterThan(atStart);
    }
    const [one, other] = told as [Told, Told];
    expect(one.epoch).not.toBe(other.epoch);
    expect(nonceOf(one.id)).not.toBe(nonceOf(other.id));
  }, 30_000);
});

/** What all ids of one producer begin with. */
function nonceOf(id: string): string | undefined {
  return /^([0-9A-Za-z]{9})~/.exec(id)?.[1];
}
