import { connect, type Socket } from 'node:net';
import { commandArgs, isPush, replyEnd } from './resp.ts';

/**
 * Which command: text that its arguments, joined by spaces, contain (in any case), an expression that they match, or
 * a predicate of the arguments.
 */
export type CommandMatch = string | RegExp | ((args: readonly string[]) => boolean);

/**
 * A moment in the life of a command: before it reaches Redis; sent, and not answered; answered by Redis, while the client
 * has not been told; told to the client.
 */
export type CommandPoint = 'before' | 'sent' | 'answered' | 'told';

/** Something that is to happen at a command, once. */
export interface Trap {
  readonly match: CommandMatch;
  readonly point: CommandPoint;
  /** What happens there. Before it and when it is answered the connection is then cut: what would have passed is lost. */
  readonly spring: () => void;
}

/** What a proxy does to its connections now; shared by all of them and changed while they live. */
export interface LinkRules {
  mode: 'pass' | 'blackhole' | 'half';
  delayMs: number;
  jitterMs: number;
  chunkBytes: number;
  /** What has not happened yet, oldest first. */
  readonly traps: Trap[];
}

/**
 * One client's connection through the proxy. Commands and answers are counted, so that a trap finds the answer of the
 * command it belongs to in a pipeline. (A subscriber's messages are not answers: no traps on such a connection.)
 */
export class ProxyLink {
  /** True once bytes were swallowed: what follows would not be understood. */
  lostBytes = false;
  readonly #server: Socket;
  readonly #toServer: Pacer;
  readonly #toClient: Pacer;
  #requests = Buffer.alloc(0);
  #replies = Buffer.alloc(0);
  #sent = 0;
  #answered = 0;
  #isSilent = false;
  #trapAtAnswer: { readonly index: number; readonly trap: Trap } | undefined;

  constructor(
    private readonly client: Socket,
    targetPort: number,
    private readonly rules: LinkRules,
  ) {
    this.#server = connect({ host: '127.0.0.1', port: targetPort, noDelay: true });
    client.setNoDelay(true);
    this.#toServer = new Pacer(this.#server, rules);
    this.#toClient = new Pacer(client, rules);
    client.on('data', (chunk) => this.#fromClient(chunk));
    this.#server.on('data', (chunk) => this.#fromServer(chunk));
    // An error is always followed by 'close', which ends the other side.
    for (const socket of [client, this.#server]) socket.on('error', () => undefined);
    client.on('close', () => this.#passClose(this.#server));
    this.#server.on('close', () => this.#passClose(client));
  }

  /** True while either side is open. */
  get open(): boolean {
    return this.clientConnected || !this.#server.destroyed;
  }

  get clientConnected(): boolean {
    return !this.client.destroyed;
  }

  /** The port by which Redis knows this connection; `undefined` while it connects. */
  get portAtRedis(): number | undefined {
    return this.#server.localPort;
  }

  /** Swallows from now on whatever comes, both ways, and stays open. */
  silence(): void {
    this.#isSilent = true;
    this.lostBytes = true;
  }

  /** Ends both sides; the client gets a reset. */
  reset(): void {
    this.client.resetAndDestroy();
    this.#server.destroy();
  }

  /**
   * Ends both sides. Node never ends a socket that is reset when its other side is gone already, as that of a process that was
   * killed, and then not itself either.
   */
  end(): void {
    this.client.destroy();
    this.#server.destroy();
  }

  get #mode(): LinkRules['mode'] {
    return this.#isSilent ? 'blackhole' : this.rules.mode;
  }

  /** A side that closes tells the other one, unless nothing gets through. */
  #passClose(other: Socket): void {
    if (this.#mode === 'blackhole') this.lostBytes = true;
    else other.destroy();
  }

  #fromClient(chunk: Buffer): void {
    if (this.#mode === 'blackhole') {
      this.lostBytes = true;
      return;
    }
    this.#requests = Buffer.concat([this.#requests, chunk]);
    let end = 0;
    for (let next = replyEnd(this.#requests, 0); next !== -1; next = replyEnd(this.#requests, end)) {
      const trap = this.#command(this.#requests.subarray(end, next));
      if (trap?.point === 'before') {
        // What came before this command was asked for and reaches Redis.
        void this.#toServer.write(this.#requests.subarray(0, end)).then(() => this.#cut(trap));
        this.#requests = Buffer.alloc(0);
        this.client.pause();
        return;
      }
      end = next;
      if (trap !== undefined) {
        void this.#toServer.write(this.#requests.subarray(0, end)).then(() => trap.spring());
        this.#requests = this.#requests.subarray(end);
        end = 0;
      }
      if (end === this.#requests.length) break;
    }
    void this.#toServer.write(this.#requests.subarray(0, end));
    this.#requests = this.#requests.subarray(end);
  }

  /** Counts a command, and returns the trap that it springs before it is answered, if any. */
  #command(frame: Buffer): Trap | undefined {
    const { traps } = this.rules;
    let sprung: Trap | undefined;
    if (traps.length > 0) {
      const args = commandArgs(frame);
      const trap = traps.find(({ match }) => matches(match, args));
      if (trap !== undefined && this.#trapAtAnswer === undefined) {
        traps.splice(traps.indexOf(trap), 1);
        if (trap.point === 'before') return trap;
        if (trap.point === 'sent') sprung = trap;
        else this.#trapAtAnswer = { index: this.#sent, trap };
      }
    }
    this.#sent += 1;
    return sprung;
  }

  #cut(trap: Trap): void {
    this.reset();
    trap.spring();
  }

  #fromServer(chunk: Buffer): void {
    if (this.#mode !== 'pass') {
      this.lostBytes = true;
      return;
    }
    this.#replies = Buffer.concat([this.#replies, chunk]);
    let end = 0;
    for (let next = replyEnd(this.#replies, 0); next !== -1; next = replyEnd(this.#replies, end)) {
      if (!isPush(this.#replies, end)) {
        const isTrapped = this.#trapAtAnswer?.index === this.#answered;
        const trap = isTrapped ? this.#trapAtAnswer?.trap : undefined;
        if (trap?.point === 'answered') {
          void this.#toClient.write(this.#replies.subarray(0, end)).then(() => this.#cut(trap));
          this.#server.destroy();
          return;
        }
        this.#answered += 1;
        if (trap !== undefined) {
          this.#trapAtAnswer = undefined;
          void this.#toClient.write(this.#replies.subarray(0, next)).then(() => trap.spring());
          this.#replies = this.#replies.subarray(next);
          next = 0;
        }
      }
      end = next;
      if (end === this.#replies.length) break;
    }
    void this.#toClient.write(this.#replies.subarray(0, end));
    this.#replies = this.#replies.subarray(end);
  }
}

/** Writes to a socket at the pace that the rules ask for, in order. */
class Pacer {
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(
    private readonly socket: Socket,
    private readonly rules: LinkRules,
  ) {}

  /** Settles when the data has been given to the system, or when the socket has gone. */
  write(data: Buffer): Promise<void> {
    const { delayMs, jitterMs, chunkBytes } = this.rules;
    if (this.#waiting === 0 && delayMs + jitterMs + chunkBytes === 0) return this.#send(data);
    const due = performance.now() + delayMs + Math.random() * jitterMs;
    this.#waiting += 1;
    this.#last = this.#last
      .then(() => sleepUntil(due))
      .then(() => this.#sendPieces(data, chunkBytes))
      .then(() => {
        this.#waiting -= 1;
      });
    return this.#last;
  }

  async #sendPieces(data: Buffer, size: number): Promise<void> {
    const step = size > 0 ? size : data.length;
    for (let at = 0; at < data.length; at += step) await this.#send(data.subarray(at, at + step));
  }

  #send(data: Buffer): Promise<void> {
    if (data.length === 0 || this.socket.destroyed) return Promise.resolve();
    return new Promise((resolve) => this.socket.write(data, () => resolve()));
  }
}

function matches(match: CommandMatch, args: readonly string[]): boolean {
  if (typeof match === 'function') return match(args);
  const text = args.join(' ');
  return typeof match === 'string' ? text.toLowerCase().includes(match.toLowerCase()) : match.test(text);
}

function sleepUntil(due: number): Promise<void> {
  const ms = due - performance.now();
  // The sockets keep the process alive, so a delayed chunk of a closed connection need not.
  return ms <= 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, ms).unref());
}
