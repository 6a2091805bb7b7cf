import { isCluster, type Client } from '../client/client.js';
import type { AnyScript } from '../script.js';

/** Loads scripts into the script cache of every node that may run them, each once at a time. */
export class ScriptLoader {
  readonly #client: Client;
  readonly #loading = new Map<string, Promise<void>>();

  constructor(client: Client) {
    this.#client = client;
  }

  /** Rejects when a node could not load it. */
  load(script: AnyScript): Promise<void> {
    const running = this.#loading.get(script.sha1);
    if (running !== undefined) return running;
    const loading = this.#loadEverywhere(script).finally(() => this.#loading.delete(script.sha1));
    this.#loading.set(script.sha1, loading);
    return loading;
  }

  async loadAll(scripts: readonly AnyScript[]): Promise<void> {
    await Promise.all(scripts.map((script) => this.load(script)));
  }

  async #loadEverywhere(script: AnyScript): Promise<void> {
    const nodes = isCluster(this.#client) ? this.#client.nodes('master') : [this.#client];
    await Promise.all(nodes.map((node) => node.script('LOAD', script.source)));
  }
}
