import { expect, it } from '@jest/globals';

import { errorKind, UnrecoverableError } from '../index.js';

class RateError extends Error {}
class NamedError extends Error {
  override readonly name = 'TooFast';
}

it.each([
  ['its code', Object.assign(new RateError('no'), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
  ['its name', new NamedError('no'), 'TooFast'],
  ['the name of its class, where that gave it none', new RateError('no'), 'RateError'],
  ['that of its cause', new UnrecoverableError('no', { cause: new RateError('no') }), 'RateError'],
  ['Error, where nothing else is known', new Error('no'), 'Error'],
  ['Error, where its class has no name', new (class extends Error {})('no'), 'Error'],
  ['Error, where it cannot be read', Object.defineProperty(new Error('no'), 'name', { get: () => fail() }), 'Error'],
])('the kind of an error is %s [seed:Q6]', (_, error, kind) => {
  expect(errorKind(error)).toBe(kind);
});

function fail(): never {
  throw new Error('unreadable');
}
