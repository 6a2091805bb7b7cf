import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, NoRedisError, Queue, Worker, type Connection, type ConnectionInput } from '@millrace/core';
import { ConnectionLog } from '../core/connection-log.ts';
import { Certificates } from '../support/certificates.ts';
import { freePort } from '../support/free-port.ts';
import { RedisServer } from '../support/redis-server.ts';
import { waitFor, within } from '../support/wait-for.ts';

const TIMEOUT_MS = 1_000;

describe('TLS', () => {
  let certificates: Certificates;
  const servers: RedisServer[] = [];
  const ends: (() => Promise<unknown>)[] = [];
  let log: ConnectionLog;

  beforeAll(async () => {
    certificates = await Certificates.create();
  });

  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
    await Promise.all(servers.splice(0).map((server) => server.stop()));
  });

  afterAll(() => certificates.remove());

  /** A server that speaks TLS; gives the port on which it does. */
  async function start(names?: string, days?: number, asksClients?: boolean): Promise<number> {
    const port = await freePort();
    const certificate = await certificates.sign(`server-${port}`, names, days);
    servers.push(await RedisServer.start({ args: certificates.serverArguments(port, certificate, asksClients) }));
    return port;
  }

  async function open(input: ConnectionInput): Promise<Connection> {
    log = new ConnectionLog();
    const connection = await connect(input, { prefix: 'test-tls', logger: log, connectTimeoutMs: TIMEOUT_MS });
    ends.push(() => connection.close());
    return connection;
  }

  /** Why a connection was refused; it must not take longer than it may. */
  async function refusal(input: ConnectionInput): Promise<string> {
    const error = await within('the refusal', open(input), TIMEOUT_MS + 1_000).catch((reason: unknown) => reason);
    expect(NoRedisError.is(error)).toBe(true);
    return (error as Error).message;
  }

  it('carries all connections of a process: commands, messages and the keeper in its thread [case:R29] [seed:A31]', async () => {
    const port = await start();
    const connection = await open({ host: '127.0.0.1', port, tls: { ca: certificates.ca } });
    expect(connection.description).toBe(`rediss://127.0.0.1:${port}`);
    const queue = new Queue('mail', { connection });
    const worker = new Worker({ connection, queues: 'mail', handler: (job) => job.data });
    ends.push(
      () => queue.close(),
      () => worker.stop(),
    );
    await worker.start();
    const { id } = await queue.add('job', 7);
    expect(await queue.result(id)).toBe(7);
    expect(worker.health().keeper).toBe('thread');
    const clients = async (): Promise<string[]> => {
      const list = (await servers[0]?.command('CLIENT', 'LIST')) ?? '';
      return list.split('\n').filter((line) => line.includes('name=millrace:'));
    };
    await waitFor('three connections', async () => (await clients()).length === 3);
    expect((await clients()).filter((line) => !line.includes(`laddr=127.0.0.1:${port}`))).toEqual([]);
    expect(log.lines).toEqual([]);
  });

  it('with certificates of clients takes those that it knows, and refuses others [case:R29]', async () => {
    const port = await start(undefined, undefined, true);
    const own = await certificates.sign('client');
    const [cert, key] = await Promise.all([readFile(own.cert, 'utf8'), readFile(own.key, 'utf8')]);
    await open({ host: '127.0.0.1', port, tls: { ca: certificates.ca, cert, key } });
    expect(await refusal({ host: '127.0.0.1', port, tls: { ca: certificates.ca } })).toMatch(
      /CERTIFICATE_REQUIRED|closed the connection|ECONNRESET/,
    );
  });

  it('refuses a server whose authority is not known, at once [case:R29]', async () => {
    const port = await start();
    expect(await refusal(`rediss://127.0.0.1:${port}`)).toBe(
      `Redis at rediss://127.0.0.1:${port} could not be reached (SELF_SIGNED_CERT_IN_CHAIN: its certificate is signed by ` +
        'nobody who is trusted here). Give the connection the authority that signed it (tls: { ca }), or the server ' +
        'another certificate.',
    );
  });

  it.each([
    ['that has expired', 'IP:127.0.0.1', -1, 'CERT_HAS_EXPIRED: its certificate has expired'],
    ['of another host', 'DNS:redis.internal', 2, 'ERR_TLS_CERT_ALTNAME_INVALID: its certificate is for another host'],
  ])('refuses a certificate %s [case:R29]', async (_, names, days, reason) => {
    const port = await start(names, days);
    expect(await refusal({ host: '127.0.0.1', port, tls: { ca: certificates.ca } })).toContain(`(${reason})`);
  });

  it('is not given up for a port without it, and a port with it not for one without [case:R29]', async () => {
    const port = await start();
    // Some servers wait for the rest of the line, others say what they think of it.
    expect(await refusal(`rediss://127.0.0.1:${servers[0]?.port}`)).toMatch(
      /does the port speak TLS|SSL|EPROTO|ECONNRESET/,
    );
    expect(await refusal(`redis://127.0.0.1:${port}`)).toMatch(/the port may expect TLS|ECONNRESET/);
  });

  it('that never shakes hands ends in time, and nothing was ever sent in plain [case:R29] [case:S12]', async () => {
    const sockets: Socket[] = [];
    const said: Buffer[] = [];
    const mute: Server = createServer((socket) => {
      sockets.push(socket);
      socket.on('data', (chunk) => said.push(chunk)).on('error', () => {});
    });
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    const { port } = mute.address() as AddressInfo;
    const message = await refusal(`rediss://user:hunter2@127.0.0.1:${port}`);
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => mute.close(resolve));
    expect(message).toContain(`no answer within ${TIMEOUT_MS} ms: does the port speak TLS?`);
    // The first byte of a record that belongs to the handshake.
    expect(said.map((chunk) => chunk[0])).toEqual(said.map(() => 0x16));
    expect(Buffer.concat(said).includes('hunter2') || message.includes('hunter2')).toBe(false);
  });
});
