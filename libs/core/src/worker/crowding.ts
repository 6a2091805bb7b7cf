/** Calls that took so much longer than quick ones have waited behind those of others. */
const CROWDED_MS = 25;
/** How fast what counts as quick follows slower ones: the way to another primary may be longer. */
const DRIFT = 0.001;

/** Tells by how long calls take whether others keep Redis busy: measured against the quickest, for Redis may be far away. */
export class Crowding {
  #quickMs: number | undefined;

  /** Notes how long calls took, in ms; whether they have waited behind those of others. */
  sees(ms: number): boolean {
    this.#quickMs = Math.min(ms, (1 - DRIFT) * (this.#quickMs ?? ms) + DRIFT * ms);
    return ms - this.#quickMs > CROWDED_MS;
  }
}
