import { describe, expect, it } from '@jest/globals';
import { batch } from '@millrace/core';
import { Harness } from '../core/support/harness.ts';

describe('the options of a batch', () => {
  it.each([
    [{ maxSize: 0 }, 'maxSize'],
    [{ maxSize: 1_001 }, 'maxSize'],
    [{ graceMs: 0 }, 'graceMs'],
    [{ maxDelayMs: 0 }, 'maxDelayMs'],
    [{ key: 'user' }, 'key'],
    [{ graceMs: '1s' }, 'graceMs'],
  ])('are checked: %j', async (settings, path) => {
    const harness = new Harness();
    const notify = batch(settings as object, () => undefined);
    await expect(harness.worker({ handlers: { notify } })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      path: `handlers.notify.batch.${path}`,
    });
    await harness.close();
  });
});
