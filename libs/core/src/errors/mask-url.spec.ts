import { describe, expect, it } from '@jest/globals';

import { maskUrl } from './mask-url.js';

describe('maskUrl', () => {
  it.each([
    ['redis://localhost:6379', 'redis://localhost:6379'],
    ['redis://:secret@localhost:6379/2', 'redis://:***@localhost:6379/2'],
    ['rediss://user:secret@db.example:6380', 'rediss://user:***@db.example:6380'],
    ['redis://user:se/cr#et@@db.example', 'redis://user:***@db.example'],
    ['redis://db?password=secret&db=1', 'redis://db?password=***&db=1'],
    ['cannot reach redis://u:secret@a:1 (ECONNREFUSED)', 'cannot reach redis://u:***@a:1 (ECONNREFUSED)'],
    ['redis://u:secret@a:1,redis://u:secret@b:2', 'redis://u:***@b:2'],
    ['no url at all: a:b@c', 'no url at all: a:b@c'],
  ])('%s', (given, masked) => {
    expect(maskUrl(given)).toBe(masked);
  });
});
