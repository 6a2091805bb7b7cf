import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** How long after the first swallowed answer the connection is reset: by then Redis has executed what was sent. */
const SETTLE_MS = 50;

type Direction = 'request' | 'reply';

/** What is to be lost, once. */
interface Trap {
  readonly direction: Direction;
  readonly text: string;
  readonly sprung: () => void;
}

/** A TCP proxy in front of a Redis. It knows nothing of the protocol: it finds commands and answers by a text in them. */
export class FaultProxy {
  readonly #server: Server;
  readonly #pairs = new Set<readonly [client: Socket, redis: Socket]>();
  readonly #silent = new WeakSet<Socket>();
  readonly #traps: Trap[] = [];
  #swallowsNew = false;

  private constructor(private readonly redisPort: number) {
    this.#server = createServer((client) => this.#accept(client));
  }

  static async start(redisPort: number): Promise<FaultProxy> {
    const proxy = new FaultProxy(redisPort);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Swallows everything on the connections that live now, and keeps them open: a cable that was pulled. New ones pass. */
  silence(): void {
    for (const [client] of this.#pairs) this.#silent.add(client);
  }

  /** Accepts new connections and passes nothing on. */
  swallowNew(): void {
    this.#swallowsNew = true;
  }

  /** Lets the next command with this text through to Redis, and resets its connection in place of the answer. */
  loseAnswerTo(text: string): Promise<void> {
    return this.#trap('request', text);
  }

  /** Resets the connection in place of the next answer with this text. */
  loseAnswerWith(text: string): Promise<void> {
    return this.#trap('reply', text);
  }

  /** Ends the proxy and every connection through it. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    // Not reset: Node never ends a socket that is reset when its other side is gone already, and neither the process.
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
    await closed;
  }

  #trap(direction: Direction, text: string): Promise<void> {
    return new Promise((sprung) => this.#traps.push({ direction, text, sprung }));
  }

  #accept(client: Socket): void {
    const redis = connect({ host: '127.0.0.1', port: this.redisPort, noDelay: true });
    const pair = [client.setNoDelay(true), redis] as const;
    this.#pairs.add(pair);
    if (this.#swallowsNew) this.#silent.add(client);
    let lost: Trap | undefined;
    client.on('data', (chunk) => {
      if (this.#silent.has(client)) return;
      lost ??= this.#sprungBy('request', chunk);
      redis.write(chunk);
    });
    redis.on('data', (chunk) => {
      if (this.#silent.has(client)) return;
      lost ??= this.#sprungBy('reply', chunk);
      if (lost === undefined) return void client.write(chunk);
      const { sprung } = lost;
      this.#silent.add(client);
      setTimeout(() => {
        reset(pair);
        sprung();
      }, SETTLE_MS);
    });
    for (const [socket, other] of [pair, [redis, client] as const]) {
      // An error is always followed by 'close'.
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#pairs.delete(pair);
        if (!this.#silent.has(client)) other.destroy();
        else if (socket === client) redis.destroy();
      });
    }
  }

  #sprungBy(direction: Direction, chunk: Buffer): Trap | undefined {
    const index = this.#traps.findIndex((trap) => trap.direction === direction && chunk.includes(trap.text));
    return index === -1 ? undefined : this.#traps.splice(index, 1)[0];
  }
}

function reset([client, redis]: readonly [Socket, Socket]): void {
  client.resetAndDestroy();
  redis.destroy();
}
