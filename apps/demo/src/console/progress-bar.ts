import type { AuditStatus } from '../audits/audit-status.js';

const WIDTH = 32;
const CLEAR_LINE = '\r\u001B[2K';

/** Where the bar is drawn: `process.stderr`, so that standard output holds the result alone. */
export interface Screen {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/**
 * Draws how far an audit is: one line that is drawn over on a terminal, and a line every tenth of the way where the
 * output goes to a file or a log.
 */
export class ProgressBar {
  private lastTenth = -1;

  constructor(private readonly screen: Screen) {}

  draw(status: AuditStatus): void {
    const part = status.jobsDone / Math.max(1, status.jobsTotal);
    const line = progressLine(status, part);
    if (this.screen.isTTY === true) {
      this.screen.write(CLEAR_LINE + line);
      return;
    }
    const tenth = Math.floor(10 * part);
    if (tenth > this.lastTenth) this.screen.write(`${line}\n`);
    this.lastTenth = Math.max(tenth, this.lastTenth);
  }

  /** Leaves the last line standing. */
  end(): void {
    if (this.screen.isTTY === true) this.screen.write('\n');
  }
}

function progressLine({ packages, inspected, digested, unread }: AuditStatus, part: number): string {
  const filled = Math.round(WIDTH * part);
  const bar = '█'.repeat(filled) + '░'.repeat(WIDTH - filled);
  const percent = `${Math.floor(100 * part)}`.padStart(3);
  if (packages === null) return `${bar} ${percent} %  looking for packages`;
  return `${bar} ${percent} %  inspected ${inspected}, digested ${digested + unread} of ${packages}`;
}
