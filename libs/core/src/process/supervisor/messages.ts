import type { ProcessStatus } from '../status-socket.js';

/** From the supervisor to one of its processes. */
export type ToProcess = { readonly type: 'status'; readonly question: number };

/** From a process to its supervisor. */
export type FromProcess =
  { readonly type: 'running' } | { readonly type: 'status'; readonly question: number; readonly status: ProcessStatus };
