/** What is counted of jobs, and how. */
export { BUCKETS } from './buckets.js';
export {
  DAY_MS,
  DAY_ROW,
  decodeDay,
  decodeTotals,
  type DayStats,
  type JobTotals,
  type MinuteStats,
  type Spread,
} from './day-stats.js';
export { SpreadCount } from './spread-count.js';
