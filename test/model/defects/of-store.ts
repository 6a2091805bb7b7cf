import type { Defect } from './patched.js';

/** Of what a job has in store for the case that it fails. */
export const DEFECTS_OF_STORE: readonly Defect[] = [
  {
    name: 'a job that stalled too often adds nothing of what it has in store',
    file: 'lib/leave.lua',
    find: "if letter ~= 'c' and letter ~= 'x' and record.has(facts, 'f') then",
    put: "if letter ~= 'c' and letter ~= 'x' and e.kind ~= 'stalled' and record.has(facts, 'f') then",
  },
  {
    name: 'a job that another one has failed adds nothing of what it has in store',
    file: 'lib/unblock.lua',
    find: "  if letter == 'f' and record.has(facts, 'f') then failure.note(id, facts) end\n",
    put: '',
  },
  {
    name: 'a cancelled job adds what it has in store',
    file: 'lib/leave.lua',
    find: "if letter ~= 'c' and letter ~= 'x' and record.has(facts, 'f') then",
    put: "if letter ~= 'c' and record.has(facts, 'f') then",
  },
  {
    name: 'a new payload takes the place of what a job has in store',
    file: 'lib/amend.lua',
    find: "string.sub(rest, 1, tonumber(record.fact(fields, 'f')) or 0) .. payload",
    put: 'payload',
  },
];
