import { connect } from 'node:net';
import { replyEnd } from './resp.ts';

/**
 * Sends one command on a connection of its own and returns the raw reply. For the harness only: it needs no client
 * library, so that the leak check sees the connections of the code under test and nothing else.
 */
export function rawCommand(port: number, args: readonly string[], timeoutMs = 2_000): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port });
    const chunks: Buffer[] = [];
    const fail = (error: Error): void => {
      socket.destroy();
      reject(error);
    };
    socket.setTimeout(timeoutMs, () => fail(new Error(`Redis on port ${port} did not answer ${args[0]}`)));
    socket.once('error', fail);
    socket.once('end', () => fail(new Error(`Redis on port ${port} closed the connection at ${args[0]}`)));
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      const reply = Buffer.concat(chunks);
      if (replyEnd(reply, 0) === -1) return;
      socket.destroy();
      resolve(reply.toString());
    });
    socket.write(encodeCommand(args));
  });
}

function encodeCommand(args: readonly string[]): string {
  return `*${args.length}\r\n${args.map((arg) => `$${Buffer.byteLength(arg)}\r\n${arg}\r\n`).join('')}`;
}

/** The strings in a raw reply that is an array of bulk strings. */
export function bulkStrings(reply: string): string[] {
  return [...reply.matchAll(/\$\d+\r\n([^\r]*)\r\n/g)].map((match) => match[1] ?? '');
}
