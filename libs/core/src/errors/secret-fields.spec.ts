import { describe, expect, it } from '@jest/globals';

import { SECRET_FIELDS, SecretFields, secretFields } from './secret-fields.js';
import { showValue } from './show-value.js';

describe('the names of secrets', () => {
  it.each([
    'password',
    'dbPassword',
    'DB_PASSWORD',
    'api-key',
    'X-Api-Key',
    'accessToken',
    'refresh_token',
    'Set-Cookie',
  ])('%s is one [case:S11]', (name) => expect(secretFields.has(name)).toBe(true));

  it.each(['passwordless', 'tokens', 'tokenCount', 'secretary', 'user', '', '__proto__', 'constructor'])(
    '%p is none [case:S11]',
    (name) => expect(secretFields.has(name)).toBe(false),
  );

  it('are as many as an application adds', () => {
    const more = new SecretFields([...SECRET_FIELDS, 'i.b(a)n']);
    expect([more.has('user_i.b(a)n'), more.has('iban'), more.has('token')]).toEqual([true, false, true]);
    expect(more.hideIn('i.b(a)n=DE1 iban=DE2')).toBe('i.b(a)n=*** iban=DE2');
  });
});

describe('a text that quotes secrets', () => {
  it.each([
    ['as JSON', '{"user":"ann","password":"s3 cr\\"et","n":1}', '{"user":"ann","password":***,"n":1}'],
    ['as JSON in JSON', '{\\"password\\":\\"s3cret\\",\\"n\\":1}', '{\\"password\\":***,\\"n\\":1}'],
    ['as code', "{ user: 'ann', apiKey: 's3cret' }", "{ user: 'ann', apiKey: *** }"],
    ['as an object', 'credentials: { user: "ann", pin: 1 }, n: 1', 'credentials: ***, n: 1'],
    ['as a list', 'tokens of it. token: ["s3cret", "b"], n', 'tokens of it. token: ***, n'],
    ['as a query', 'GET /x?token=s3cret&page=2', 'GET /x?token=***&page=2'],
    ['as an assignment', 'Host=db;Password=s3cret;Port=1', 'Host=db;Password=***;Port=1'],
    ['as a header', 'Authorization: Bearer s3cret.a.b\nHost: x', 'Authorization: ***\nHost: x'],
    ['as cookies', 'cookie: a=s3cret; b=s3cret\nHost: x', 'cookie: ***\nHost: x'],
    ['without a name', 'sent Bearer s3cretA1b2c3 to x', 'sent Bearer *** to x'],
    ['cut off', '{"password":"s3cret and no en', '{"password":***'],
    ['nowhere', 'Unexpected token < in JSON at position 0', 'Unexpected token < in JSON at position 0'],
    [
      'nowhere, with their words',
      'the bearer of this token has a basic question',
      'the bearer of this token has a basic question',
    ],
  ])('%s shows none of them [case:S11]', (_, text, shown) => {
    expect(secretFields.hideIn(text)).toBe(shown);
  });

  it('is looked through once, whatever it is made of [case:S13]', () => {
    const hostile = [
      'password',
      'password:"',
      "password:'\\",
      'token=',
      'authorization: bearer ',
      'bearer a',
      '\\"',
      '{[',
    ];
    // A search that goes back over what it has seen would not end within the time of a test at this size.
    for (const part of hostile) expect(secretFields.hideIn(part.repeat(200_000)).length).toBeGreaterThan(0);
  });

  it('is none in a message about a value [case:S11]', () => {
    expect(showValue({ host: 'db', password: 's3cret', url: 'redis://u:s3cret@db' })).not.toContain('s3cret');
  });
});
