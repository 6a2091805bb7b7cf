import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { ProxyLink, type CommandMatch, type CommandPoint, type LinkRules, type Trap } from './proxy-link.ts';

export type { CommandMatch, CommandPoint } from './proxy-link.ts';

/** A TCP proxy in front of a Redis, and the faults that it can make. One for each client that is to fail alone. */
export class Proxy {
  /** How new and living connections are treated now; the links read it at every chunk. */
  readonly #rules: LinkRules = { mode: 'pass', delayMs: 0, jitterMs: 0, chunkBytes: 0, traps: [] };
  readonly #links = new Set<ProxyLink>();
  #server: Server | undefined;

  private constructor(
    private targetPort: number,
    /** The port that clients connect to; it stays the same while the proxy refuses. */
    readonly port: number,
  ) {}

  /** Starts a proxy in front of `target`, a URL such as `redis://127.0.0.1:6379`. */
  static async start(target: string): Promise<Proxy> {
    const probe = createServer();
    await listen(probe, 0);
    const { port } = probe.address() as AddressInfo;
    await closed(probe);
    const proxy = new Proxy(Number(new URL(target).port), port);
    await proxy.#listen();
    return proxy;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** How many clients are connected now. */
  get connections(): number {
    return [...this.#links].filter((link) => link.clientConnected).length;
  }

  /** The ports by which Redis knows the clients that are connected now (`addr` of `CLIENT LIST`). */
  get portsAtRedis(): number[] {
    return [...this.#links].filter((link) => link.clientConnected).map(({ portAtRedis }) => portAtRedis ?? NaN);
  }

  /** Whether bytes of a connection were swallowed, which is then reset when all pass again. */
  get hasLostBytes(): boolean {
    return [...this.#links].some(({ lostBytes }) => lostBytes);
  }

  /** Ends every fault: listens, passes at full speed. Connections that lost bytes meanwhile are reset. */
  async pass(): Promise<void> {
    Object.assign(this.#rules, { mode: 'pass', delayMs: 0, jitterMs: 0, chunkBytes: 0 });
    this.#rules.traps.length = 0;
    for (const link of this.#links) if (link.lostBytes) link.reset();
    await this.#listen();
  }

  /** Refuses new connections; those that live go on. */
  refuse(): void {
    // The listening socket is closed at once; only the server object waits for its connections.
    this.#server?.close();
    this.#server = undefined;
  }

  /** Leads to another server from now on: the address of a primary after a failover. Living connections are reset. */
  lead(target: string): void {
    this.targetPort = Number(new URL(target).port);
    this.reset();
  }

  /** Resets every connection that lives now (RST, not FIN). New ones are accepted. */
  reset(): void {
    for (const link of this.#links) link.reset();
  }

  /** Accepts and swallows everything both ways, with all connections open: a cable that was pulled. */
  blackhole(): void {
    this.#rules.mode = 'blackhole';
  }

  /**
   * Swallows everything on connections that live now, and keeps them open, as after a router has forgotten them. New
   * ones pass.
   *
   * @param ports which, by their ports at Redis; all by default
   */
  silence(ports?: readonly number[]): void {
    for (const link of this.#links) {
      if (ports === undefined || ports.includes(link.portAtRedis ?? NaN)) link.silence();
    }
  }

  /** Passes what clients send, and drops every answer. */
  half(): void {
    this.#rules.mode = 'half';
  }

  /** Delays each chunk, both ways, by `ms` and up to `jitterMs` more; order is kept. */
  delay(ms: number, jitterMs = 0): void {
    Object.assign(this.#rules, { delayMs: ms, jitterMs });
  }

  /** Splits what passes, both ways, into pieces of `bytes`. */
  chunk(bytes: number): void {
    this.#rules.chunkBytes = bytes;
  }

  /**
   * Lets the next command that matches through, waits until Redis has answered it, and resets the connection instead
   * of passing the answer on: the command has had its effect and the client cannot know. Settles when that happened.
   */
  cutAfterExecuted(match: CommandMatch): Promise<void> {
    return this.#cut(match, 'answered');
  }

  /** Resets the connection before the next command that matches reaches Redis. Settles when that happened. */
  cutBeforeForward(match: CommandMatch): Promise<void> {
    return this.#cut(match, 'before');
  }

  /**
   * Does something when the next command that matches is at this point, such as killing the client. Before the command and
   * when it is answered the connection is cut as well. Returns how to call it off: true where it had not happened.
   */
  at(point: CommandPoint, match: CommandMatch, spring: () => void): () => boolean {
    const trap: Trap = { match, point, spring };
    const { traps } = this.#rules;
    traps.push(trap);
    return () => {
      const index = traps.indexOf(trap);
      if (index !== -1) traps.splice(index, 1);
      return index !== -1;
    };
  }

  /** Ends the proxy and every connection through it. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    this.#rules.mode = 'pass';
    for (const link of this.#links) link.end();
    if (server !== undefined) await closed(server);
  }

  #cut(match: CommandMatch, point: CommandPoint): Promise<void> {
    return new Promise((spring) => this.at(point, match, spring));
  }

  async #listen(): Promise<void> {
    if (this.#server !== undefined) return;
    const server = createServer((client) => this.#accept(client));
    await listen(server, this.port);
    this.#server = server;
  }

  #accept(client: Socket): void {
    for (const link of this.#links) if (!link.open) this.#links.delete(link);
    this.#links.add(new ProxyLink(client, this.targetPort, this.#rules));
  }
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
