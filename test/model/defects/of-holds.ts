import type { Defect } from './patched.js';

/** Of leases, tokens, and what is held. */
export const DEFECTS_OF_HOLDS: readonly Defect[] = [
  {
    name: 'an end is taken whatever its token',
    file: 'lib/ends.lua',
    find: "if value and not done[id] and string.sub(value, 1, #token + 1) == token .. '.' then",
    put: 'if value and not done[id] then',
  },
  {
    name: 'the beginning of a token is taken for it',
    file: 'lib/ends.lua',
    find: "string.sub(value, 1, #token + 1) == token .. '.' then",
    put: 'string.sub(value, 1, #token) == token then',
  },
  {
    name: 'a start is marked whatever its token',
    file: 'commands/start.lua',
    find: 'if not value or string.sub(value, 1, #token) ~= token then',
    put: 'if not value then',
  },
  {
    name: 'a run that was cancelled is not taken from its worker',
    file: 'lib/cancelling.lua',
    find: '  taken.push(found.epoch, id, run.token, reason)\n',
    put: '',
  },
  {
    name: 'what is given back goes to the back of the queue',
    file: 'lib/leave.lua',
    find: 'ready.put_front(front, bits)',
    put: 'ready.put_back(front, bits)',
  },
  {
    name: 'a crash is charged without a marked start',
    file: 'lib/leave.lua',
    find: "if record.has(e.facts, 'M') then\n    h.stalls",
    put: 'if true then\n    h.stalls',
  },
  {
    name: 'an exchange does not renew the lease',
    file: 'commands/exchange.lua',
    find: "redis.call('ZADD', k.leases, 'XX', string.format('%d', now + string.match(held[1], '^%d+,(%d+)')), epoch)\n",
    put: '',
  },
  {
    name: 'an exchange that is sent again leases once more',
    file: 'commands/exchange.lua',
    find: 'if seq == last then',
    put: 'if seq == 0 then',
  },
  {
    name: 'reconciling gives back what a reply in flight has leased',
    file: 'commands/reconcile.lua',
    find: 'if upto[run.slot] and run.seq <= upto[run.slot] and',
    put: 'if upto[run.slot] and',
  },
  {
    name: 'a slot of the concurrency is freed twice',
    file: 'lib/limits.lua',
    find: "redis.call('HINCRBY', k.meta, 'active', -n)",
    put: "redis.call('HINCRBY', k.meta, 'active', -2 * n)",
  },
  {
    name: 'the rate lets one job more start',
    file: 'lib/window.lua',
    find: 'if count - first < most then return',
    put: 'if count - first <= most then return',
  },
  {
    name: 'a start that was none counts towards the rate of its group',
    file: 'lib/refund.lua',
    find: 'if span then window.take_back(k.group_starts .. name, span, of_group, now) end',
    put: '',
  },
  {
    name: 'no worker is told when the rate of a group lets a job start',
    file: 'lib/limits.lua',
    find: 'return first[2] and sooner(wait, math.max(first[2] - now, 1)) or wait',
    put: 'return wait',
  },
  {
    name: 'a paused queue is served',
    file: 'commands/exchange.lua',
    find: '(pause % 2 == 0 and features.are_known(bits)) and want or 0',
    put: 'features.are_known(bits) and want or 0',
  },
  {
    name: 'no worker is woken for new jobs',
    file: 'lib/intake.lua',
    find: '  wake.some(#list + #ordered)\n',
    put: '',
  },
];
