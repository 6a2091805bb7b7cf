import { isCluster, type Client } from './client.js';

/** Something of Node's that keeps a process alive. */
interface Handle {
  ref(): unknown;
  unref(): unknown;
}

/** Where ioredis keeps its own: the socket, and the timer of the next try. */
interface Handles {
  readonly stream?: Handle | null;
  readonly reconnectTimeout?: Handle | null;
}

/** When a client has handles that it did not have before. */
const NEW_HANDLES = ['connect', 'reconnecting', 'ready'] as const;

/**
 * Lets a process end although its client is open, or keeps it alive again: `unref()` and `ref()` of Node, which ioredis
 * lacks. A call in flight keeps it alive by its own timer.
 */
export class ClientHandles {
  readonly #client: Client;
  readonly #apply = (): void => this.#set();
  readonly #watch = (node: Client): void => {
    for (const event of NEW_HANDLES) node.on(event, this.#apply);
  };
  #isRef = true;

  constructor(client: Client) {
    this.#client = client;
  }

  ref(): void {
    if (this.#isRef) return;
    this.#isRef = true;
    this.#client.off('+node', this.#watch);
    for (const part of this.#parts()) for (const event of NEW_HANDLES) part.off(event, this.#apply);
    this.#set();
  }

  unref(): void {
    if (!this.#isRef) return;
    this.#isRef = false;
    this.#client.on('+node', this.#watch);
    for (const part of this.#parts()) this.#watch(part);
    this.#set();
  }

  #parts(): Client[] {
    return isCluster(this.#client) ? [this.#client, ...this.#client.nodes()] : [this.#client];
  }

  #set(): void {
    for (const part of this.#parts()) {
      const { stream, reconnectTimeout } = part as unknown as Handles;
      for (const handle of [stream, reconnectTimeout]) {
        if (this.#isRef) handle?.ref();
        else handle?.unref();
      }
    }
  }
}
