/** Those who send commands with a lane: two for each queue, each with a lane of its own. */
export class Producers {
  readonly #lanes = new Map<string, { generation: number; seq: number }>();

  /** The lane of a call, and its next number. */
  next(queue: number, producer: number): { readonly laneId: string; readonly seq: number } {
    const lane = this.#lane(queue, producer);
    lane.seq += 1;
    return { laneId: `p${producer}.${lane.generation}`, seq: lane.seq };
  }

  /** The outcome of a call stayed unknown: the lane is not used again. */
  giveUp(queue: number, producer: number): void {
    const lane = this.#lane(queue, producer);
    lane.generation += 1;
    lane.seq = 0;
  }

  #lane(queue: number, producer: number): { generation: number; seq: number } {
    const key = `${queue} ${producer}`;
    const lane = this.#lanes.get(key) ?? { generation: 0, seq: 0 };
    this.#lanes.set(key, lane);
    return lane;
  }
}
