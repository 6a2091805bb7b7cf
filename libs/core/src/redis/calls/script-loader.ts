import type { Redis } from 'ioredis';

import { isCluster, type Client } from '../client/client.js';
import type { AnyScript } from '../script.js';

/** Characters of scripts that are sent together: Redis compiles them in about 3 ms, and answers nobody meanwhile. */
const CHARS_AT_ONCE = 65_536;

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
   * when Redis is back, it would be busy with that for seconds. A few at a time, so that no call has to wait for all of them:
   * one that comes before its script loads it itself.
   */
  async loadAll(scripts: readonly AnyScript[]): Promise<void> {
    let rest = await this.#missing(scripts);
    while (rest.length > 0) {
      const loading = takeSome(rest).map((script) => this.load(script));
      // Behind them on the same socket: no further round trip.
      [rest] = await Promise.all([this.#missing(rest), ...loading]);
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

/** Takes some out, by chance: clients that come together share the work. At least one, however long. */
function takeSome(scripts: AnyScript[]): AnyScript[] {
  const taken: AnyScript[] = [];
  for (let chars = 0; scripts.length > 0;) {
    const at = Math.floor(Math.random() * scripts.length);
    chars += scripts[at]!.source.length;
    if (taken.length > 0 && chars > CHARS_AT_ONCE) break;
    taken.push(...scripts.splice(at, 1));
  }
  return taken;
}
