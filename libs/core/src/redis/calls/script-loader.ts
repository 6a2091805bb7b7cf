import type { Redis } from 'ioredis';

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

  /**
   * Loads those that a node does not have. All together are more than a megabyte: if each of a thousand clients brought them
   * when Redis is back, it would be busy with that for seconds. One after the other, so that no call has to wait for all of
   * them: one that comes before its script loads it itself.
   */
  async loadAll(scripts: readonly AnyScript[]): Promise<void> {
    for (let rest = await this.#missing(scripts); rest.length > 0; rest = await this.#missing(rest)) {
      // Clients that come together share the work.
      const [script] = rest.splice(Math.floor(Math.random() * rest.length), 1);
      await this.load(script!);
    }
  }

  async #missing(scripts: readonly AnyScript[]): Promise<AnyScript[]> {
    if (scripts.length === 0) return [];
    const ids = scripts.map(({ sha1 }) => sha1);
    const found = await Promise.all(this.#nodes.map(async (node) => (await node.script('EXISTS', ...ids)) as number[]));
    return scripts.filter((_, index) => found.some((isThere) => Number(isThere[index]) !== 1));
  }

  get #nodes(): readonly Redis[] {
    return isCluster(this.#client) ? this.#client.nodes('master') : [this.#client];
  }

  async #loadEverywhere(script: AnyScript): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.script('LOAD', script.source)));
  }
}
