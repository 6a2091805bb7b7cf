import type { Sketch } from './job.js';

/**
 * What a sequence of commands may use. Most sequences lack some of it, so that what they have meets more often: in one that uses
 * everything nearly each job waits for something (swarm testing; Groce and others, 2012).
 */
export const FEATURES = [
  'bulk',
  'by hand',
  'dependencies',
  'expiry',
  'groups',
  'ids',
  'limits',
  'moving',
  'notes',
  'onFailure',
  'pause',
  'priorities',
  'repeats',
  'resources',
  'retention',
  'schedules',
  'times',
  'unique',
  'workers',
] as const;

export type Feature = (typeof FEATURES)[number];

/** A drawn job without what the sequence lacks. */
export function sketchWithin(features: ReadonlySet<Feature>, sketch: Sketch): Sketch {
  return {
    ...sketch,
    ...(features.has('expiry') ? {} : { expiresInMs: undefined }),
    ...(features.has('onFailure') ? {} : { stored: undefined }),
    ...(features.has('priorities') ? {} : { priority: 0 }),
    ...(features.has('retention') ? {} : { keep: undefined }),
  };
}
