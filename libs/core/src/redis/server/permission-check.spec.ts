import { describe, expect, it } from '@jest/globals';
import { usedCommands } from './permission-check.js';

describe('the commands that the core uses', () => {
  it('are read off its scripts, with subcommands', () => {
    const commands = usedCommands();
    expect(commands).toEqual(expect.arrayContaining(['HSET', 'TIME', 'ZADD']));
    expect(commands).toEqual([...commands].sort());
    for (const command of commands) expect(command).toMatch(/^[A-Z]+( [A-Z]+)?$/);
  });
});
