import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** A certificate, in files as redis-server takes them. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** A certificate authority of a test, and what it signs, in a temporary folder. */
export class Certificates {
  private constructor(
    private readonly folder: string,
    /** The text of the authority's certificate: what a client has to trust. */
    readonly ca: string,
  ) {}

  static async create(): Promise<Certificates> {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-tls-'));
    const [cert, key] = [join(folder, 'ca.crt'), join(folder, 'ca.key')];
    await run('openssl', ['req', '-x509', ...KEY, '-subj', '/CN=test authority', '-keyout', key, '-out', cert]);
    return new Certificates(folder, await readFile(cert, 'utf8'));
  }

  /**
   * A certificate that the authority has signed.
   *
   * @param names `IP:127.0.0.1`, `DNS:redis.internal`
   * @param days how long it is valid; one that has expired is had with a negative number
   */
  async sign(label: string, names = 'IP:127.0.0.1', days = 2): Promise<Certificate> {
    const [cert, key, request] = ['crt', 'key', 'csr'].map((kind) => join(this.folder, `${label}.${kind}`));
    const extensions = join(this.folder, `${label}.ext`);
    await writeFile(extensions, `subjectAltName=${names}`);
    await run('openssl', ['req', ...KEY, '-subj', `/CN=${label}`, '-keyout', key, '-out', request] as string[]);
    const authority = ['-CA', join(this.folder, 'ca.crt'), '-CAkey', join(this.folder, 'ca.key'), '-CAcreateserial'];
    const signing = ['x509', '-req', '-in', request, ...authority, '-days', String(days), '-extfile', extensions];
    await run('openssl', [...signing, '-out', cert] as string[]);
    return { cert: cert ?? '', key: key ?? '' };
  }

  /** The arguments with which redis-server speaks TLS on a port, beside its plain one. */
  serverArguments(port: number, { cert, key }: Certificate, asksClients = false): string[] {
    const files = ['--tls-cert-file', cert, '--tls-key-file', key, '--tls-ca-cert-file', join(this.folder, 'ca.crt')];
    return ['--tls-port', String(port), ...files, '--tls-auth-clients', asksClients ? 'yes' : 'no'];
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
