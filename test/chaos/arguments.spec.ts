import { describe, expect, it } from '@jest/globals';
import { readArguments, UsageError } from './arguments.ts';

describe('the command line of a chaos run', () => {
  it('says how long, from which seed, and where the result goes', () => {
    const said = ['--seconds', '300', '--seed', '7', '--json', 'x.json', '--loud'];
    expect(readArguments(said)).toEqual({ seconds: 300, seed: 7, json: 'x.json', isLoud: true });
  });

  it('takes a minute and a seed of its own where nothing is said', () => {
    const { seed, ...rest } = readArguments([]);
    expect(rest).toEqual({ seconds: 60, json: undefined, isLoud: false });
    expect(Number.isInteger(seed)).toBe(true);
  });

  it.each([['--seconds', '4'], ['--seconds', 'x'], ['--seed', '-1'], ['--seed', '1.5'], ['--sead', '1'], ['more']])(
    'refuses %s %s',
    (...said) => {
      expect(() => readArguments(said)).toThrow(UsageError);
    },
  );
});
