/**
 * A call was sent and no answer came: it was executed or it was not, and it may still be. Internal: whoever made the
 * call repeats it (with the same lane or slot and number, which makes that safe), or throws `OutcomeUnknownError`.
 */
export class CallUnknownError extends Error {
  static {
    this.prototype.name = 'CallUnknownError';
  }

  readonly command: string;

  /** @param reason in what way the answer failed to come: `no answer within 10000 ms` */
  constructor(command: string, reason: string) {
    super(`The outcome of ${command} is unknown: ${reason}.`);
    this.command = command;
  }
}
