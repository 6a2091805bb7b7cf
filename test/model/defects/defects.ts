import type { Defect } from './patched.js';

/** Each of these the model must find. */
export const DEFECTS: readonly Defect[] = [
  {
    name: 'a delayed job stays among the delayed ones when it is due',
    file: 'lib/due.lua',
    find: "  redis.call('ZREM', key, unpack(ids))\n  due.put_back",
    put: '  due.put_back',
  },
];
