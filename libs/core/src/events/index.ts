/** Events: what happened to the jobs of a queue, told to any process. */
export { QueueEvents, type EventsOptions } from './queue-events.js';
export type { QueueEvent, QueueEventType } from './queue-event.js';
