import type { Clock } from '../../clock/index.js';
import type { Logger, ResolvedConnectSettings } from '../../options/index.js';
import { redactingLogger, type Redaction } from '../../redaction/index.js';
import { ScriptRunner } from '../calls/script-runner.js';
import { createClusterClient, createServerClient, type Client } from '../client/client.js';
import { closeClient } from '../client/close-client.js';
import { failureReason } from '../client/failure.js';
import { Link, type LinkState } from '../client/link.js';
import type { EmbeddedShare } from '../embedded/start-embedded.js';
import type { Endpoint } from '../input/endpoint.js';
import { SCRIPTS } from '../scripts.generated.js';
import { Subscriber } from '../subscriber.js';
import { Arrivals } from './arrivals.js';
import { describeForThread, type KeeperConnectionResult } from './keeper-connection.js';
import { StateLog } from './state-log.js';

/**
 * A connection to Redis, shared by any number of queues and workers: one client for commands and, from the first
 * subscription on, one that listens. It connects again by itself until it is closed. Made by `connect`.
 */
export class Connection {
  /** What all keys begin with. */
  readonly prefix: string;
  /** Where Redis is, for people, without a password. */
  readonly description: string;
  /** Whether the server is one of our own, for development. */
  readonly embedded: boolean;
  /** @internal Runs the scripts of the Lua core. */
  readonly scripts: ScriptRunner;
  /** @internal Listens to channels. */
  readonly subscriber: Subscriber;
  /** @internal Tells its workers what its queues add. */
  readonly arrivals = new Arrivals();
  /** @internal The base keys of the queues that this process uses, be they declared yet or not. */
  readonly queues = new Set<string>();
  /** Hides secrets in what is shown, as the option `redact` says. */
  readonly redaction: Redaction;
  /** @internal */
  readonly logger: Logger;
  /** @internal The clock of its queues and workers. */
  readonly clock: Clock;

  readonly #endpoint: Endpoint;
  readonly #settings: ResolvedConnectSettings;
  readonly #server: EmbeddedShare | undefined;
  readonly #commands: Link;
  /** The links whose clients are our own. */
  readonly #own = new Set<Link>();
  #isRef = true;
  #closing: Promise<void> | undefined;

  /** @internal */
  constructor(endpoint: Endpoint, settings: ResolvedConnectSettings, server?: EmbeddedShare) {
    this.prefix = settings.prefix;
    this.description = endpoint.description;
    this.embedded = server !== undefined;
    this.redaction = settings.redact;
    this.logger = this.loggerFor(settings.logger);
    this.clock = settings.clock;
    this.#endpoint = endpoint;
    this.#settings = settings;
    this.#server = server;
    this.#commands = new Link(commandsClient(endpoint, settings.commandTimeoutMs), endpoint.kind === 'server');
    const log = new StateLog(this.logger, endpoint.description, settings.waitUntilReady);
    log.watch(this.#commands);
    if (endpoint.kind !== 'client') this.#own.add(this.#commands);
    this.scripts = new ScriptRunner(this.#commands, endpoint.description, settings.commandTimeoutMs);
    this.subscriber = new Subscriber({
      commands: this.#commands,
      description: endpoint.description,
      timeoutMs: settings.commandTimeoutMs,
      onLink: (link) => {
        log.watch(link);
        this.#adopt(link);
      },
    });
    this.#commands.onChange((state) => this.#changed(state));
  }

  /** Whether calls get through: `connecting` before the first time, `down` after a failure. */
  get state(): LinkState {
    return this.#commands.state;
  }

  /** @internal Why calls do not get through, in short and without a password; `undefined` while they do. */
  get trouble(): string | undefined {
    const { lastError } = this.#commands;
    return lastError === undefined ? undefined : failureReason(lastError);
  }

  /** @internal A logger that is told no secrets: this one, or the connection's. */
  loggerFor(logger: Logger | undefined): Logger {
    return logger === undefined ? this.logger : redactingLogger(logger, this.redaction);
  }

  /** @internal The client that sends the commands, for the few that are no script. */
  get client(): Client {
    return this.#commands.client;
  }

  /** @internal The state of the client that sends the commands. */
  get link(): Link {
    return this.#commands;
  }

  /** @internal What the lease keeper's thread needs to connect by itself, or why it cannot. */
  keeperConnection(): KeeperConnectionResult {
    return describeForThread(this.#endpoint, this.#settings);
  }

  /**
   * @internal Lets the process end although the connection is open. Calls in flight keep it alive all the same, and so
   * does a client of the application.
   */
  unref(): void {
    this.#isRef = false;
    for (const { handles } of this.#own) handles.unref();
  }

  /** @internal Keeps the process alive again, as a connection does from the start. */
  ref(): void {
    this.#isRef = true;
    for (const { handles } of this.#own) handles.ref();
  }

  /**
   * Ends the connection, whatever state it is in, within `closeTimeoutMs`; a client of the application stays open.
   * Close queues and workers first: calls in flight reject. Closing twice is closing once.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { closeTimeoutMs } = this.#settings;
    this.#commands.release();
    const closing = [this.subscriber.close(closeTimeoutMs)];
    if (this.#endpoint.kind !== 'client') closing.push(closeClient(this.#commands.client, closeTimeoutMs));
    await Promise.all(closing);
    this.scripts.close();
    await this.#server?.release();
  }

  /** Takes up a client that listens; a later one takes the place of one that ended. */
  #adopt(link: Link): void {
    this.#own.add(link);
    if (!this.#isRef) link.handles.unref();
    link.onChange((state) => {
      if (state === 'closed') this.#own.delete(link);
      if (state === 'ready' && this.#own.has(this.#commands)) this.#commands.hasten();
    });
  }

  #changed(state: LinkState): void {
    // A server that was restarted has lost its scripts; one that cannot be loaded now is loaded by its first call.
    if (state === 'ready') {
      this.scripts.loadAll(SCRIPTS).catch(() => {});
      this.subscriber.hasten();
    }
    if (state === 'down') this.#server?.ensureRunning();
  }
}

function commandsClient(endpoint: Endpoint, silenceLimitMs: number): Client {
  switch (endpoint.kind) {
    case 'server':
      return createServerClient(endpoint.options, 'commands', silenceLimitMs);
    case 'cluster':
      return createClusterClient(endpoint.nodes, endpoint.options, 'commands', silenceLimitMs);
    case 'client':
      return endpoint.client;
  }
}
