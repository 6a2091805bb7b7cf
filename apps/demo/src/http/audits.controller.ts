import { ServerResponse } from 'node:http';

import {
  Body,
  ConflictException,
  Controller,
  Get,
  HttpCode,
  type MessageEvent,
  Param,
  Post,
  Res,
  Sse,
} from '@nestjs/common';
import { map, type Observable } from 'rxjs';

import type { AuditStatus } from '../audits/audit-status.js';
import { AuditsService } from '../audits/audits.service.js';
import { reportPage } from '../pages/report-page.js';
import { AuditIdPipe } from './audit-id.pipe.js';
import { FolderPipe } from './folder.pipe.js';

@Controller('audits')
export class AuditsController {
  constructor(private readonly audits: AuditsService) {}

  /** Answers as soon as the job is added; the work goes on in the background. */
  @Post()
  @HttpCode(202)
  start(@Body('folder', FolderPipe) folder: string): Promise<AuditStatus> {
    return this.audits.start(folder);
  }

  /** How far the audit is, and its report once that stands. */
  @Get(':id')
  async find(@Param('id', AuditIdPipe) status: AuditStatus) {
    return { ...status, report: (await this.audits.report(status.id)) ?? null };
  }

  @Get(':id/report')
  async report(@Param('id', AuditIdPipe) status: AuditStatus, @Res() response: ServerResponse): Promise<void> {
    const report = await this.audits.report(status.id);
    if (report === undefined) throw new ConflictException(`The audit is ${status.state}: its report is not ready.`);
    const { body, headers } = reportPage(report, new Date(status.finishedAt ?? Date.now()));
    response.writeHead(200, headers).end(body);
  }

  /** The status at every change, as server-sent events; the stream ends with the audit. */
  @Sse(':id/events')
  events(@Param('id', AuditIdPipe) { id }: AuditStatus): Observable<MessageEvent> {
    return this.audits.watch(id).pipe(map((status) => ({ data: status })));
  }
}
