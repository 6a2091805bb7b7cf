import { describe, expect, it } from '@jest/globals';
import { killPoints, nameOf } from './operations.ts';
import { Plan } from './plan.ts';

const SEATS = { worker: ['worker-1', 'worker-2'], producer: ['producer-1'] };

function texts(seed: number, storms: number): string[] {
  const plan = new Plan(seed, SEATS, 2_000);
  return Array.from({ length: storms }, () => plan.storm())
    .flat()
    .map(({ afterMs, text }) => `${afterMs} ${text}`);
}

describe('the plan of a chaos run', () => {
  it('is the same for the same seed, and another for another one', () => {
    expect(texts(7, 50)).toEqual(texts(7, 50));
    expect(texts(7, 50)).not.toEqual(texts(8, 50));
  });

  it('comes to every operation at every point before it comes to one again', () => {
    const planned = texts(3, 400).flatMap((text) => /kill (.*) at (.*)$/.exec(text)?.[2] ?? []);
    const all = killPoints().map(nameOf);
    expect(new Set(all).size).toBe(all.length);
    expect(planned.length).toBeGreaterThan(all.length);
    expect(planned.slice(0, all.length).sort()).toEqual(all.sort());
  });

  it('has faults of processes, of the network and of Redis', () => {
    const all = texts(1, 300).join('\n');
    for (const word of ['kill worker', 'stop', 'block', 'terminate', 'cut', 'reset', 'refuse', 'blackhole', 'half'])
      expect(all).toContain(word);
    for (const word of ['silence', 'delay', 'chunk', 'restart', 'freeze', 'pauseAll', 'pauseWrites', 'debugSleep'])
      expect(all).toContain(word);
    for (const word of ['busy', 'readOnly', 'full', 'scriptFlush', 'killClients', 'killSubscribers'])
      expect(all).toContain(word);
  });
});
