import type { Defect } from './patched.js';

/** Of what jobs use, and of those who wait for it. */
export const DEFECTS_OF_RESOURCES: readonly Defect[] = [
  {
    name: 'a run that is over keeps what it uses',
    file: 'lib/leave.lua',
    find: "string.find(bits, 'w', 1, true) and resources.release(entries) or {}",
    put: '{}',
  },
  {
    name: 'a job uses more of a resource than there is',
    file: 'lib/resources.lua',
    find: 'facts.used + amount <= facts.limit',
    put: 'facts.used < facts.limit',
  },
  {
    name: 'nobody who waits for a resource is called when some of it is free',
    file: 'lib/leave.lua',
    find: '  serving.serve(freed)\n',
    put: '',
  },
  {
    name: 'a job that leaves the queue stays in the line for a resource',
    file: 'lib/lines.lua',
    find: 'drop(use.name, lines.member(id)) end',
    put: 'end',
  },
  {
    name: 'a job that waits for a resource again has lost its turn',
    file: 'lib/lines.lua',
    find: "    redis.call('HSET', k.sides, id, (side.kept(said)))\n",
    put: '',
  },
];
