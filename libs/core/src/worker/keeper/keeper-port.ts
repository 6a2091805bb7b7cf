import type { Clock } from '../../clock/index.js';
import type { ScriptRunner } from '../../redis/index.js';
import type { Clocks } from '../permit.js';
import type { Heartbeat } from './heartbeat.js';
import type { FromKeeper } from './messages.js';

/** What the keeper needs around it; the same in a thread of its own and in the main one. */
export interface KeeperPort {
  readonly scripts: ScriptRunner;
  readonly clock: Clock;
  /** The clocks of permits, shared by the threads of the process. */
  readonly clocks: Clocks;
  /** The main thread's, if the keeper runs beside it and can act where that one is blocked. */
  readonly heartbeat: Heartbeat | undefined;
  tell(message: FromKeeper): void;
}
