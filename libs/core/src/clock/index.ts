/** Time in a process: a port, the machine's clock, and one that tests move. */
export type { Clock, Timer, TimerOptions } from './clock.js';
export { sleep, type SleepOptions } from './sleep.js';
export { SystemClock } from './system-clock.js';
export { VirtualClock, type VirtualClockOptions } from './virtual-clock.js';
