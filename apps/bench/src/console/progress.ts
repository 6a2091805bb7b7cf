import type { Pace } from '../pace.js';

const WIDTH = 24;
const COLUMNS = 80;
const MINUTE_MS = 60_000;
const CLEAR_LINE = '\r\u001B[2K';

/** Where progress is drawn: `process.stderr`, so that standard output holds the results alone. */
export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Shows how far a run is: a bar that is drawn over on a terminal, and a line for each scenario elsewhere. */
export class Progress {
  readonly #screen: Screen;
  readonly #pace: Pace;

  constructor(screen: Screen, pace: Pace) {
    this.#screen = screen;
    this.#pace = pace;
  }

  /** A measurement begins. */
  begins(what: string): void {
    if (this.#screen.isTTY !== true) return;
    const filled = Math.round(WIDTH * this.#pace.part);
    const bar = '█'.repeat(filled) + '░'.repeat(WIDTH - filled);
    // A line that wraps is not drawn over.
    const line = `${bar} ${this.#percent}${this.#timeLeft}  ${what}`.slice(0, (this.#screen.columns ?? COLUMNS) - 1);
    this.#screen.write(CLEAR_LINE + line);
  }

  /** A scenario ended; the sentence says how. */
  says(sentence: string): void {
    if (this.#screen.isTTY === true) this.#screen.write(`${CLEAR_LINE}${sentence}\n`);
    else this.#screen.write(`${this.#percent}  ${sentence}${this.#timeLeft}\n`);
  }

  /** Takes the bar away. */
  end(): void {
    if (this.#screen.isTTY === true) this.#screen.write(CLEAR_LINE);
  }

  get #percent(): string {
    return `${Math.floor(100 * this.#pace.part)} %`.padStart(5);
  }

  get #timeLeft(): string {
    const { leftMs } = this.#pace;
    if (leftMs === undefined || leftMs === 0) return '';
    return leftMs < MINUTE_MS ? `  ${Math.ceil(leftMs / 1_000)} s left` : `  ${Math.ceil(leftMs / MINUTE_MS)} min left`;
  }
}
