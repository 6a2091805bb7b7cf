/** Something that was read and waits to be taken. */
interface Offer<T> {
  readonly value: T;
  /** Lets the one who read it go on. */
  readonly taken: () => void;
}

/** Many readings become one, in the order in which they come. Each waits until what it read last was taken. */
export class Merge<T> {
  readonly #offers: Offer<T>[] = [];
  #ring: (() => void) | undefined;
  #failure: { readonly error: unknown } | undefined;
  #isOver = false;

  /** The next one; `undefined` when it is over. @throws what a reading failed with */
  async take(): Promise<T | undefined> {
    while (this.#offers.length === 0) {
      if (this.#isOver) return undefined;
      if (this.#failure !== undefined) throw this.#failure.error;
      await new Promise<void>((resolve) => (this.#ring = resolve));
    }
    const { value, taken } = this.#offers.shift()!;
    taken();
    return value;
  }

  /** Feeds a reading into it, until one of both ends. */
  async feed<R>(reading: AsyncIterable<R>, as: (read: R) => T): Promise<void> {
    try {
      for await (const read of reading) {
        if (this.#isOver) return;
        await new Promise<void>((taken) => {
          this.#offers.push({ value: as(read), taken });
          this.#wake();
        });
      }
    } catch (error) {
      this.fail(error);
    }
  }

  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#wake();
  }

  /** What was read and not taken is dropped. */
  end(): void {
    this.#isOver = true;
    for (const { taken } of this.#offers.splice(0)) taken();
    this.#wake();
  }

  #wake(): void {
    this.#ring?.();
    this.#ring = undefined;
  }
}
