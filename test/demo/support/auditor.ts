import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';

import { AppModule } from '../../../apps/demo/src/app.module.ts';
import type { AuditReport } from '../../../apps/demo/src/audit/report.ts';
import type { AuditStatus } from '../../../apps/demo/src/audits/audit-status.ts';
import { listen, SERVER_OPTIONS } from '../../../apps/demo/src/serve.ts';
import type { Settings } from '../../../apps/demo/src/settings.ts';

/** A running auditor, asked as a browser or a script would ask it. */
export class Auditor {
  private constructor(
    readonly app: NestExpressApplication,
    private readonly url: string,
  ) {}

  static async start(settings: Settings): Promise<Auditor> {
    const app = await NestFactory.create<NestExpressApplication>(AppModule.with(settings), {
      ...SERVER_OPTIONS,
      logger: false,
    });
    return new Auditor(app, await listen(app, 0));
  }

  /** `POST /audits`, with whatever body. */
  post(body: unknown): Promise<Response> {
    const headers = { 'content-type': 'application/json' };
    return fetch(`${this.url}audits`, { method: 'POST', headers, body: JSON.stringify(body) });
  }

  get(path: string): Promise<Response> {
    return fetch(`${this.url}${path}`);
  }

  /** Starts the audit of a folder and gives its id. */
  async begin(folder: string): Promise<string> {
    return ((await (await this.post({ folder })).json()) as AuditStatus).id;
  }

  /** Every status that the events of an audit tell; ends with the stream. */
  async *events(id: string): AsyncGenerator<AuditStatus> {
    const response = await this.get(`audits/${id}/events`);
    let text = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const messages = text.split('\n\n');
      text = messages.pop() ?? '';
      for (const message of messages) {
        const data = message.split('\n').find((line) => line.startsWith('data: '));
        if (data !== undefined) yield JSON.parse(data.slice('data: '.length)) as AuditStatus;
      }
    }
  }

  /** Waits for the end of an audit, and gives its status and report. */
  async end(id: string): Promise<AuditStatus & { report: AuditReport }> {
    for await (const status of this.events(id)) if (status.finishedAt !== null) break;
    return (await (await this.get(`audits/${id}`)).json()) as AuditStatus & { report: AuditReport };
  }

  stop(): Promise<void> {
    return this.app.close();
  }
}
