import type { Defect } from './patched.js';

/** Of records, indexes, counters and keys. */
export const DEFECTS_OF_RECORDS: readonly Defect[] = [
  {
    name: 'a call that is sent again is done twice',
    file: 'lib/lane.lua',
    find: '  if seq > last then return nil end\n',
    put: '  if seq >= last then return nil end\n',
  },
  {
    name: 'a late copy of an earlier call is done',
    file: 'lib/lane.lua',
    find: "  if seq < last then return 'OLD' end\n",
    put: '  if seq < last then return nil end\n',
  },
  {
    name: 'higher priorities come later',
    file: 'lib/ready.lua',
    find: '(1000 - priority) * TURN',
    put: '(1000 + priority) * TURN',
  },
  {
    name: 'entries that departed jobs left behind are not counted',
    file: 'lib/ready.lua',
    find: "  redis.call('HINCRBY', k.meta, 'ghosts', 1)\n",
    put: '',
  },
  {
    name: 'a failure is not charged',
    file: 'lib/leave.lua',
    find: "if e.how == 'r' then h.failures, h.uncounted = h.failures + 1, 0 else",
    put: "if e.how == 'r' then h.uncounted = 0 else",
  },
  {
    name: 'no event tells of a retry',
    file: 'lib/leave.lua',
    find: "  events.push(e.how == 'z' and 'd' or 'r', e.id, e.name)\n",
    put: '',
  },
  {
    name: 'what is counted of a day is not counted of all',
    file: 'lib/stats.lua',
    find: "    redis.call('HINCRBY', k.days .. 'all', '\\t' .. letter, n)\n",
    put: '',
  },
  {
    name: 'the outcome of a job stays when it is retried',
    file: 'lib/withdraw.lua',
    find: "    redis.call('HDEL', k.outcomes, id)\n",
    put: '',
  },
  {
    name: 'the notes of a job stay when it is gone',
    file: 'lib/forget.lua',
    find: "      if record.has(flags[i], 'N') then keys[#keys + 1] = k.notes .. ids[i] end\n",
    put: '',
  },
  {
    name: 'a second result of a step takes the place of the first',
    file: 'commands/note.lua',
    find: "else redis.call('HSETNX', k.notes .. id, field, value) end",
    put: "else redis.call('HSET', k.notes .. id, field, value) end",
  },
  {
    name: 'a new payload is read and written anew',
    file: 'lib/amend.lua',
    find: '.. payload end',
    put: '.. cjson.encode(cjson.decode(payload)) end',
  },
  {
    name: 'a removed job is remembered by its id',
    file: 'lib/erase.lua',
    find: "  redis.call('ZREM', k.ids, unpack(ids))\n",
    put: '',
  },
  {
    name: 'a cancelled job keeps its unique key',
    file: 'lib/finish.lua',
    find: '    unique.release(job.id, job.facts)\n',
    put: "    if job.letter ~= 'x' then unique.release(job.id, job.facts) end\n",
  },
  {
    name: 'a job that stalled too often keeps its unique key',
    file: 'lib/finish.lua',
    find: '    unique.release(job.id, job.facts)\n',
    put: "    if job.kind ~= 'stalled' then unique.release(job.id, job.facts) end\n",
  },
  {
    name: 'a removed job keeps its unique key',
    file: 'lib/erase.lua',
    find: '    if not have_ended then unique.release',
    put: '    if have_ended then unique.release',
  },
];
