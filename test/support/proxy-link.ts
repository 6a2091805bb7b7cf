import { connect, type Socket } from 'node:net';
import { commandArgs, isPush, replyEnd } from './resp.ts';

/**
 * Which command: text that its arguments, joined by spaces, contain (in any case), an expression that they match, or
 * a predicate of the arguments.
 */
export type CommandMatch = string | RegExp | ((args: readonly string[]) => boolean);

/** A connection that is to be cut at a command, once. */
export interface Cut {
  readonly match: CommandMatch;
  readonly when: 'before' | 'after';
  readonly done: () => void;
}

/** What a proxy does to its connections now; shared by all of them and changed while they live. */
export interface LinkRules {
  mode: 'pass' | 'blackhole' | 'half';
  delayMs: number;
  jitterMs: number;
  chunkBytes: number;
  /** Cuts that have not happened yet, oldest first. */
  readonly cuts: Cut[];
}

/**
 * One client's connection through the proxy. Commands and answers are counted, so that a cut finds the answer of the
 * command it belongs to in a pipeline. (A subscriber's messages are not answers: no cuts on such a connection.)
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
  #cutAtAnswer: { readonly index: number; readonly cut: Cut } | undefined;

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
      const cut = this.#command(this.#requests.subarray(end, next));
      if (cut !== undefined) {
        // What came before this command was asked for and reaches Redis.
        void this.#toServer.write(this.#requests.subarray(0, end)).then(() => this.#finish(cut));
        this.#requests = Buffer.alloc(0);
        this.client.pause();
        return;
      }
      end = next;
      if (end === this.#requests.length) break;
    }
    void this.#toServer.write(this.#requests.subarray(0, end));
    this.#requests = this.#requests.subarray(end);
  }

  /** Counts a command, and returns the cut that is to happen before it, if any. */
  #command(frame: Buffer): Cut | undefined {
    const { cuts } = this.rules;
    if (cuts.length > 0) {
      const args = commandArgs(frame);
      const cut = cuts.find(({ match }) => matches(match, args));
      if (cut !== undefined && this.#cutAtAnswer === undefined) {
        cuts.splice(cuts.indexOf(cut), 1);
        if (cut.when === 'before') return cut;
        this.#cutAtAnswer = { index: this.#sent, cut };
      }
    }
    this.#sent += 1;
    return undefined;
  }

  #finish(cut: Cut): void {
    this.reset();
    cut.done();
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
        if (this.#cutAtAnswer?.index === this.#answered) {
          const { cut } = this.#cutAtAnswer;
          void this.#toClient.write(this.#replies.subarray(0, end)).then(() => this.#finish(cut));
          this.#server.destroy();
          return;
        }
        this.#answered += 1;
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
