import { DEFECTS_OF_EDGES } from './of-edges.js';
import { DEFECTS_OF_HOLDS } from './of-holds.js';
import { DEFECTS_OF_RECORDS } from './of-records.js';
import { DEFECTS_OF_RESOURCES } from './of-resources.js';
import { DEFECTS_OF_STORE } from './of-store.js';
import { DEFECTS_OF_TIME } from './of-time.js';
import type { Defect } from './patched.js';

/** Each of these the model must find. */
export const DEFECTS: readonly Defect[] = [
  ...DEFECTS_OF_HOLDS,
  ...DEFECTS_OF_TIME,
  ...DEFECTS_OF_RECORDS,
  ...DEFECTS_OF_EDGES,
  ...DEFECTS_OF_STORE,
  ...DEFECTS_OF_RESOURCES,
];
