/** Numbers for monitoring. */
export type { MeasurableQueue } from './measure.js';
export { METRICS_CONTENT_TYPE, metricsText, type MetricsOptions } from './metrics-text.js';
