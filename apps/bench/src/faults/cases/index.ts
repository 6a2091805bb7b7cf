import type { FaultCase } from '../case.js';
import { ANSWERS } from './answers.js';
import { CLOSING } from './closing.js';
import { KILLED } from './killed.js';
import { OUTAGES } from './outages.js';
import { SILENCE } from './silence.js';

/** Every case, in the order of the report. */
export const CASES: readonly FaultCase[] = Object.freeze([...KILLED, ...ANSWERS, ...OUTAGES, ...SILENCE, ...CLOSING]);
