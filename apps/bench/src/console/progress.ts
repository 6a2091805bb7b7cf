const WIDTH = 24;
const CLEAR_LINE = '\r\u001B[2K';

/** Where progress is drawn: `process.stderr`, so that standard output holds the results alone. */
export interface Screen {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Draws how far a run is: a bar that is drawn over on a terminal, and a line for each scenario elsewhere. */
export class Progress {
  readonly #screen: Screen;
  readonly #measurements: number;
  readonly #now: () => number;
  readonly #began: number;
  #done = 0;

  /** @param measurements how many there will be */
  constructor(screen: Screen, measurements: number, now: () => number = () => performance.now()) {
    this.#screen = screen;
    this.#measurements = measurements;
    this.#now = now;
    this.#began = now();
  }

  /** A measurement begins. */
  begins(what: string): void {
    if (this.#screen.isTTY !== true) return;
    const filled = Math.round(WIDTH * this.#part);
    const bar = '█'.repeat(filled) + '░'.repeat(WIDTH - filled);
    this.#screen.write(`${CLEAR_LINE}${bar} ${this.#percent}  ${what}  ${this.#timeLeft()}`);
  }

  /** So many measurements ended, or will not be made. */
  ended(measurements = 1): void {
    this.#done += measurements;
  }

  /** A scenario ended; the sentence says how. */
  says(sentence: string): void {
    if (this.#screen.isTTY === true) this.#screen.write(`${CLEAR_LINE}${sentence}\n`);
    else this.#screen.write(`${this.#percent}  ${sentence}  ${this.#timeLeft()}\n`);
  }

  /** Takes the bar away. */
  end(): void {
    if (this.#screen.isTTY === true) this.#screen.write(CLEAR_LINE);
  }

  get #part(): number {
    return this.#done / Math.max(1, this.#measurements);
  }

  get #percent(): string {
    return `${Math.floor(100 * this.#part)} %`.padStart(5);
  }

  #timeLeft(): string {
    if (this.#done === 0) return '';
    const seconds = ((this.#now() - this.#began) / this.#done / 1_000) * (this.#measurements - this.#done);
    return seconds < 60 ? `${Math.ceil(seconds)} s left` : `${Math.ceil(seconds / 60)} min left`;
  }
}
