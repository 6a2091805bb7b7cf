/** What the signals of a process ask of its workers. */
export interface SignalActions {
  /** TERM or INT, the first time. */
  drain(): void;
  /** TERM or INT again. */
  end(signal: NodeJS.Signals): void;
  /** TSTP or USR2. */
  quiet(): void;
  /** CONT. */
  resume(): void;
  /** HUP; without it that signal ends the process, as it does everywhere. */
  readonly hangup?: (() => void) | undefined;
}

/** Windows knows neither stop nor continue. */
const HAS_JOB_CONTROL = process.platform !== 'win32';

/**
 * Listens to the signals of this process.
 *
 * @returns ends the listening
 */
export function listenToSignals(actions: SignalActions): () => void {
  let isDraining = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (isDraining) return actions.end(signal);
    isDraining = true;
    actions.drain();
  };
  const listeners: [NodeJS.Signals, (signal: NodeJS.Signals) => void][] = [
    ['SIGTERM', stop],
    ['SIGINT', stop],
  ];
  if (HAS_JOB_CONTROL) {
    const quiet = (): void => actions.quiet();
    listeners.push(['SIGTSTP', quiet], ['SIGUSR2', quiet], ['SIGCONT', () => actions.resume()]);
  }
  const { hangup } = actions;
  if (hangup !== undefined) listeners.push(['SIGHUP', () => hangup()]);
  for (const [signal, listener] of listeners) process.on(signal, listener);
  return () => {
    for (const [signal, listener] of listeners) process.off(signal, listener);
  };
}
