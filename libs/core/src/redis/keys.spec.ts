import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { baseKey, queueOfKey, registryKey } from './keys.js';

const name = fc.stringMatching(/^[ -z|~é→😀]{1,20}$/u);

describe('keys', () => {
  it('carries the queue as the hash tag, or the slot with the length and the name of the queue', () => {
    expect(baseKey('millrace', 'mail')).toBe('millrace:{mail}');
    expect(baseKey('millrace', 'mail', 'shop')).toBe('millrace:{shop}4:mail');
    expect(baseKey('millrace', 'größe', 'shop')).toBe('millrace:{shop}7:größe');
    expect(registryKey('millrace')).toBe('millrace:queues');
  });

  it('gives no key to two queues, whatever their names and the suffixes are [case:S9]', () => {
    const place = fc.record({ queue: name, slot: fc.option(name, { nil: undefined }), suffix: name });
    fc.assert(
      fc.property(place, place, (one, other) => {
        const key = (at: typeof one): string => `${baseKey('p', at.queue, at.slot)}:${at.suffix}`;
        const isSame = one.queue === other.queue && one.slot === other.slot && one.suffix === other.suffix;
        expect(key(one) === key(other)).toBe(isSame);
      }),
      {
        numRuns: 2_000,
        examples: [
          [
            { queue: 'a:b', slot: 's', suffix: 'c' },
            { queue: 'a', slot: 's', suffix: 'b:c' },
          ],
        ],
      },
    );
  });

  it('holds one hash tag, that of its slot or queue', () => {
    fc.assert(
      fc.property(name, fc.option(name, { nil: undefined }), (queue, slot) => {
        const [tag] = /\{([^]*?)\}/.exec(baseKey('p', queue, slot))?.slice(1) ?? [];
        expect(tag).toBe(slot ?? queue);
      }),
    );
  });

  it('can be read back', () => {
    fc.assert(
      fc.property(name, fc.option(name, { nil: undefined }), name, (queue, slot, suffix) => {
        expect(queueOfKey(baseKey('p', queue, slot))).toBe(queue);
        expect(queueOfKey(`${baseKey('p', queue, slot)}:${suffix}`)).toBe(queue);
      }),
    );
  });

  it("is shown as it is where it is no queue's", () => {
    expect(queueOfKey('millrace')).toBe('millrace');
  });
});
