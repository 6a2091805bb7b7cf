import type { AddressInfo } from 'node:net';

import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';

import { AppModule } from './app.module.js';
import type { Settings } from './settings.js';

/** Only this machine can ask: whoever can, may have any folder of it read. */
const HOST = '127.0.0.1';

/** Serves the auditor until the process is told to end, and prints where. */
export async function serve(settings: Settings, port: number): Promise<void> {
  const app = await NestFactory.create<NestExpressApplication>(AppModule.with(settings), SERVER_OPTIONS);
  app.enableShutdownHooks();
  const url = await listen(app, port);
  process.stdout.write(`\nDependency auditor: open ${url}\n\n`);
}

/** How the HTTP application is made. */
export const SERVER_OPTIONS = {
  // What is wrong is told by whoever called, rather than by ending the process.
  abortOnError: false,
  // A page that is open keeps its stream of events open; that must not hold up the shutdown.
  forceCloseConnections: true,
  // JSON alone: a form on some other site could otherwise start audits here.
  bodyParser: false,
} as const;

/**
 * Lets an application answer requests of this machine.
 *
 * @param port 0 lets the system choose.
 * @returns the address of the start page.
 */
export async function listen(app: NestExpressApplication, port: number): Promise<string> {
  app.useBodyParser('json');
  await app.listen(port, HOST);
  const address = app.getHttpServer().address() as AddressInfo;
  return `http://localhost:${address.port}/`;
}
