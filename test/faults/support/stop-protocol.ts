/** What a job of the worker that is stopped by a signal does. */
export interface StopWork {
  readonly runMs: number;
  /** Goes on when its signal aborts. Default false. */
  readonly ignoresAbort?: boolean;
}

/** What that worker tells its test. */
export type StopTold =
  | { readonly type: 'listening' | 'started' | 'stopping' | 'stopped' }
  | { readonly type: 'not started'; readonly code: string }
  | { readonly type: 'running' | 'finished'; readonly id: string }
  | { readonly type: 'aborted'; readonly id: string; readonly code: string }
  | { readonly type: 'warning'; readonly message: string };
