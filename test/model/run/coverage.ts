import type { World } from '../world/world.js';

/** What the runs have come to: replies by command, states of jobs, and how jobs went from one to another. */
export class Coverage {
  calls = 0;
  readonly replies = new Map<string, number>();
  readonly transitions = new Map<string, number>();
  readonly keyspaces = new Set<string>();
  #states = new Map<string, string>();

  /** A call was made. */
  step(command: string, code: string, world: World): void {
    this.calls += 1;
    add(this.replies, `${command} ${code}`);
    const states = new Map<string, string>();
    for (const job of world.jobs()) states.set(`${job.queue}/${job.id}`, job.state);
    for (const id of new Set([...states.keys(), ...this.#states.keys()])) {
      const [from = 'none', to = 'none'] = [this.#states.get(id), states.get(id)];
      if (from !== to) add(this.transitions, `${from} -> ${to}`);
    }
    this.#states = states;
    this.keyspaces.add(
      `${world.queues.map(({ pause }) => pause % 2).join('')} ${[...states]
        .map(([id, state]) => `${id}=${state}`)
        .sort()
        .join(' ')}`,
    );
  }

  /** Another run begins, on an empty keyspace. */
  restart(): void {
    this.#states = new Map();
  }

  summary(): string {
    return [
      `${this.calls} commands`,
      `${this.keyspaces.size} distinct states`,
      `${this.transitions.size} kinds of transitions`,
      `${this.replies.size} kinds of replies`,
    ].join(', ');
  }
}

function add(counts: Map<string, number>, what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}
