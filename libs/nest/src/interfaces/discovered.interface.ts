import type { Type } from '@nestjs/common';

import type { InstanceWrapper, ModuleReference } from '../discovery/module-map.js';
import type {
  EventMetadata,
  HookMetadata,
  ListenerMetadata,
  ProcessorMetadata,
  RecurringMetadata,
} from './metadata.interface.js';
import type { HandlerSettings } from './worker-settings.interface.js';

/** A provider of the application that this package has to do with. */
export interface DiscoveredProvider {
  readonly wrapper: InstanceWrapper;
  readonly module: ModuleReference;
  readonly type: Type;
}

/** A processor with what its methods are. */
export interface DiscoveredProcessor extends DiscoveredProvider, ProcessorMetadata {
  readonly handlers: readonly DiscoveredHandler[];
  readonly hooks: readonly DiscoveredHook[];
}

/** A method that runs the jobs of one name, one by one or in batches. */
export interface DiscoveredHandler {
  readonly jobName: string;
  readonly methodName: string;
  readonly settings: HandlerSettings;
  /** It takes the jobs of a batch. */
  readonly isBatch: boolean;
  /** The schedules that it asks for. */
  readonly recurring: readonly RecurringMetadata[];
}

/** A method that is told about runs. */
export interface DiscoveredHook extends HookMetadata {
  readonly methodName: string;
}

/** A provider that listens to the events of queues. */
export interface DiscoveredListener extends DiscoveredProvider, ListenerMetadata {
  readonly events: readonly (EventMetadata & { readonly methodName: string })[];
}

/** A method decorated as part of something that its class is not. */
export interface StrayMethod {
  readonly label: string;
  readonly kind: 'handler' | 'hook' | 'event' | 'recurring';
}

/** Everything in an application that this package has to do with. */
export interface Discovery {
  readonly processors: readonly DiscoveredProcessor[];
  readonly listeners: readonly DiscoveredListener[];
  readonly strays: readonly StrayMethod[];
}
