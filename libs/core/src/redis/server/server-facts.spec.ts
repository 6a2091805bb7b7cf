import { describe, expect, it } from '@jest/globals';
import { parseInfo } from './server-facts.js';

const info = (...lines: string[]): string => ['# Server', ...lines, '', '# Memory', ''].join('\r\n');

describe('what a server says of itself', () => {
  it('is Redis by its version', () => {
    const facts = parseInfo(
      info('redis_version:7.2.4', 'redis_mode:standalone', 'role:master', 'maxmemory_policy:noeviction'),
    );
    expect(facts).toEqual({
      name: 'Redis 7.2.4',
      product: 'Redis',
      version: '7.2.4',
      isNarrow: false,
      maxmemoryPolicy: 'noeviction',
      isClusterNode: false,
      isReplica: false,
    });
  });

  it('is Valkey by its own version, which stands beside the Redis version that it is compatible with', () => {
    const facts = parseInfo(
      info('redis_version:7.2.4', 'server_name:valkey', 'valkey_version:8.0.1', 'redis_mode:cluster', 'role:slave'),
    );
    expect(facts).toMatchObject({
      name: 'Valkey 8.0.1',
      isClusterNode: true,
      isReplica: true,
      maxmemoryPolicy: undefined,
    });
  });

  it('is a node of a Cluster in the words of Valkey 9, too', () => {
    const facts = parseInfo(info('redis_version:7.2.4', 'valkey_version:9.1.2', 'server_mode:cluster'));
    expect(facts).toMatchObject({ name: 'Valkey 9.1.2', isClusterNode: true });
  });

  it('says that it has 32 bits only', () => {
    expect(parseInfo(info('redis_version:7.0.15', 'arch_bits:32'))).toMatchObject({
      name: 'Redis 7.0.15 of 32 bits',
      isNarrow: true,
    });
    expect(parseInfo(info('redis_version:7.0.15', 'arch_bits:64'))).toMatchObject({ isNarrow: false });
  });

  it('is nothing where it names no version', () => {
    expect(parseInfo('')).toBeUndefined();
  });
});
