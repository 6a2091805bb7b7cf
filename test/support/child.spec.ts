import { afterEach, describe, expect, it } from '@jest/globals';
import { Child } from './child.ts';
import { within } from './wait-for.ts';

const program = new URL('./programs/echo.ts', import.meta.url);

describe('a child process of a test', () => {
  let child: Child;
  afterEach(() => child.kill());

  it('runs TypeScript with decorator metadata and talks both ways', async () => {
    child = await Child.start(program, { args: ['one'], env: { MILLRACE_ECHO: 'two' } });
    expect(await child.message({ type: 'ready' })).toEqual({
      type: 'ready',
      args: ['one'],
      env: 'two',
      types: ['Date'],
    });
    child.send({ type: 'echo', text: 'three' });
    expect(await child.message({ type: 'echo' })).toEqual({ type: 'echo', text: 'three' });
  });

  it('says what a program printed when it ends without the message that was waited for', async () => {
    child = await Child.start(program, { args: ['crash'] });
    await expect(child.message({ type: 'ready' })).rejects.toThrow(/code 1[^]*crashed as asked/);
  });

  it('ends at once when it is killed', async () => {
    child = await Child.start(program);
    await child.message({ type: 'ready' });
    expect(await within('the end', child.kill())).toEqual({ code: null, signal: 'SIGKILL' });
    expect(child.alive).toBe(false);
  });
});
