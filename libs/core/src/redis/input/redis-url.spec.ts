import { describe, expect, it } from '@jest/globals';
import { parseRedisUrl } from './redis-url.js';

describe('the URL of a Redis', () => {
  it.each([
    ['redis://localhost', { host: 'localhost', port: 6379 }],
    ['redis://localhost:6380/2', { host: 'localhost', port: 6380, db: 2 }],
    ['redis://h?db=3&family=6&other=1', { host: 'h', port: 6379, db: 3, family: 6 }],
    ['redis://:secret@h', { host: 'h', port: 6379, password: 'secret' }],
    ['redis://user:p%40ss@h', { host: 'h', port: 6379, username: 'user', password: 'p@ss' }],
    ['redis://user@h', { host: 'h', port: 6379, username: 'user' }],
    ['rediss://h:1', { host: 'h', port: 1, tls: {} }],
    ['valkey://h', { host: 'h', port: 6379 }],
    ['valkeys://h', { host: 'h', port: 6379, tls: {} }],
    ['redis://[::1]:7000', { host: '::1', port: 7000 }],
    ['redis://', { host: 'localhost', port: 6379 }],
    ['/var/run/redis.sock', { path: '/var/run/redis.sock' }],
  ])('is read: %s [seed:A31]', (url, options) => {
    expect(parseRedisUrl(url, 'connect()')).toEqual(options);
  });

  it.each([
    ['', /It is empty/],
    ['embeded', /Did you mean "embedded"/],
    ['localhost:6379', /Did you mean "redis:\/\/localhost:6379"/],
    ['http://localhost', /expected a URL/],
    ['redis://h/one', /"one" is not a database number/],
    ['redis://h:port', /expected a URL/],
    ['redis://:pa%ss@h', /Encode a %/],
    ['redis://user:pa ss/word@h', /encodeURIComponent/],
  ])('is refused with what to do: "%s"', (url, said) => {
    expect(() => parseRedisUrl(url, 'REDIS_URL')).toThrow(said);
    expect(() => parseRedisUrl(url, 'REDIS_URL')).toThrow(/in REDIS_URL/);
  });

  it.each([
    'redis://u:hunter2@h/x',
    'http://u:hunter2@h',
    'redis://u:hunter2 x/y@h',
    'redis://u:hunter2%@h',
    'rediss//:hunter2@h',
    ':hunter2@h:6379',
    'redis:u:hunter2@h',
    'redis://u:1/hunter2@h',
    'redis://h/x?password=hunter2',
  ])('does not show the password of %s [case:S12]', (url) => {
    let message = '';
    try {
      parseRedisUrl(url, 'REDIS_URL');
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toMatch(/Invalid option/);
    expect(message).not.toContain('hunter2');
  });
});
