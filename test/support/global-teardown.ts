import './global-setup.ts';

/** Ends what the global setup started. */
export default async function globalTeardown(): Promise<void> {
  await Promise.all((globalThis.millraceTestServers ?? []).map((server) => server.stop()));
}
