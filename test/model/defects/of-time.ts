import type { Defect } from './patched.js';

/** Of times, and of what falls due. */
export const DEFECTS_OF_TIME: readonly Defect[] = [
  {
    name: 'a delayed job stays among the delayed ones when it is due',
    file: 'lib/due.lua',
    find: "  redis.call('ZREM', key, unpack(ids))\n  due.put_back",
    put: '  due.put_back',
  },
  {
    name: 'jobs are due a little too early',
    file: 'lib/due.lua',
    find: "redis.call('ZRANGEBYSCORE', key, '-inf', string.format('%.0f', now), 'LIMIT', 0, budget)",
    put: "redis.call('ZRANGEBYSCORE', key, '-inf', string.format('%.0f', now + 1), 'LIMIT', 0, budget)",
  },
  {
    name: 'a lease is over only after its end',
    file: 'lib/sweep.lua',
    find: "redis.call('ZRANGEBYSCORE', k.leases, '-inf', string.format('%.0f', now), 'WITHSCORES'",
    put: "redis.call('ZRANGEBYSCORE', k.leases, '-inf', '(' .. string.format('%.0f', now), 'WITHSCORES'",
  },
  {
    name: 'a job expires only after its time',
    file: 'lib/sift.lua',
    find: 'record.created_at(envelope) + ms <= now',
    put: 'record.created_at(envelope) + ms < now',
  },
  {
    name: 'the time of the server counts in place of that of the queue',
    file: 'lib/clock.lua',
    find: '  return tonumber(given)\n',
    put: "  return redis.call('TIME')[1] * 1000\n",
  },
  {
    name: 'one job too many is kept',
    file: 'lib/retention.lua',
    find: "math.min(redis.call('ZCARD', key) - tonumber(count), budget)",
    put: "math.min(redis.call('ZCARD', key) - tonumber(count) - 1, budget)",
  },
  {
    name: 'a unique key is free a little too late',
    file: 'lib/unique.lua',
    find: 'tonumber(expiry) <= now) then return nil end',
    put: 'tonumber(expiry) < now) then return nil end',
  },
  {
    name: 'a retry by hand leaves the job expiring',
    file: 'lib/revive.lua',
    find: "  if record.fact(facts, 'x') then header.flags = header.flags .. 'X' end\n",
    put: '',
  },
];
