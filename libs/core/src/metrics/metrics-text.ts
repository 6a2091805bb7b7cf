import { fieldTable, readFields } from '../options/index.js';
import { oneOf, wholeNumber } from '../options/check/checks.js';
import { Connection } from '../redis/index.js';
import { exposition } from './exposition.js';
import { familiesOf } from './families.js';
import { measure, queuesOf, type MeasurableQueue } from './measure.js';

/** What {@link metricsText} writes, and for how many queues. */
export interface MetricsOptions {
  /** Whether to estimate the memory of each queue: about sixty small commands. @default true */
  readonly memory?: boolean | undefined;
  /** At most so many queues, by name: 1 to 1,000. `millrace_queues` says how many there are. @default 100 */
  readonly limit?: number | undefined;
}

const METRICS_DEFAULTS = Object.freeze({ memory: true, limit: 100 });
const FIELDS = fieldTable<{ memory: boolean; limit: number }>({
  memory: oneOf(true, false),
  limit: wholeNumber(1, 1_000),
});

/** The media type of {@link metricsText}, for the `content-type` of an answer. */
export const METRICS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * The metrics of a queue, of several, or of all under the prefix of a connection, as Prometheus reads them: jobs by state, latency,
 * what has ended and how, workers, times of runs and waits. The numbers are those of Redis, so any process can tell them for
 * all. What is asked of a queue does not grow with the number of its jobs.
 *
 * @throws NoRedisError, InvalidOptionError, UnknownOptionError
 */
export async function metricsText(
  source: Connection | MeasurableQueue | readonly MeasurableQueue[],
  options: MetricsOptions = {},
): Promise<string> {
  const { memory, limit } = { ...METRICS_DEFAULTS, ...readFields(options, FIELDS, () => 'metricsText()') };
  if (source instanceof Connection) {
    const queues = await queuesOf(source);
    return exposition(familiesOf(await measure(queues.slice(0, limit), memory), queues.length));
  }
  const queues = 'info' in source ? [source] : source.slice(0, limit);
  return exposition(familiesOf(await measure(queues, memory), undefined));
}
