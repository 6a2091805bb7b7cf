import { existsSync, readFileSync } from 'node:fs';

import { describe, expect, it } from '@jest/globals';

import { SCRIPTS } from '../../libs/core/src/redis/scripts.generated.js';

describe('each command', () => {
  it.each(SCRIPTS.map(({ name }) => [name]))('has tests of its own: %s', (name) => {
    const file = new URL(`./${name}.spec.ts`, import.meta.url);
    expect(existsSync(file)).toBe(true);
    expect(new RegExp(`describe\\('${name}[ ']`).test(readFileSync(file, 'utf8'))).toBe(true);
  });

  it.each(SCRIPTS.filter(({ repeat }) => repeat !== 'read').map(({ name }) => [name]))(
    'that changes something is sent twice in a test: %s',
    (name) => {
      // A nudge wakes one worker more when it is sent again, which does no harm; a registry keeps the first entry.
      if (name === 'nudge' || name === 'register') return;
      const text = readFileSync(new URL(`./${name}.spec.ts`, import.meta.url), 'utf8');
      expect(text.includes('core:A13')).toBe(true);
    },
  );
});
