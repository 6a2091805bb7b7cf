import type { Defect } from './patched.js';

/** Of jobs that depend on others, and of schedules. */
export const DEFECTS_OF_EDGES: readonly Defect[] = [
  {
    name: 'a job still waits for one that has completed',
    file: 'lib/unblock.lua',
    find: "    redis.call('SREM', k.needs .. id, ref)\n    redis.call('HSET'",
    put: "    redis.call('HSET'",
  },
  {
    name: 'a job is free when one of those that it waits for has completed',
    file: 'lib/unblock.lua',
    find: '    if links.is_free(id) then unblock.release(id, now) end\n',
    put: '    unblock.release(id, now)\n',
  },
  {
    name: 'a job that fails does not fail those that wait for it',
    file: 'lib/unblock.lua',
    find: "  elseif policy == 'f' then finish_blocked(id, 'f', ref, what)\n",
    put: '',
  },
  {
    name: 'a failed dependency that is gone is still named',
    file: 'lib/settle.lua',
    find: "  if e.what == 'R' then redis.call('DEL', k.failed .. e.id) end\n",
    put: '',
  },
  {
    name: 'jobs may wait for one another',
    file: 'lib/cycle.lua',
    find: '    if at.queue == home and at.id == id then return way(at, home) end\n',
    put: '',
  },
  {
    name: 'a retry opens nothing of what the job had failed',
    file: 'lib/revive.lua',
    find: "  if record.has(header.flags, 'P') then edges.note('O', id) end\n",
    put: '',
  },
  {
    name: 'two workers may fire one time of a schedule',
    file: 'commands/fire.lua',
    find: 'found.at ~= at or found.hash',
    put: 'found.hash',
  },
  {
    name: 'a paused schedule fires',
    file: 'commands/fire.lua',
    find: "found.state ~= 'running' or",
    put: "found.state == 'over' or",
  },
];
