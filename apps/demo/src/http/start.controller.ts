import { ServerResponse } from 'node:http';

import { Controller, Get, Inject, Res } from '@nestjs/common';

import { AuditsService } from '../audits/audits.service.js';
import { startPage } from '../pages/start-page.js';

/** Token of the folder that the page proposes. */
export const PROPOSED_FOLDER = 'the folder that the page proposes';

@Controller()
export class StartController {
  constructor(
    private readonly audits: AuditsService,
    @Inject(PROPOSED_FOLDER) private readonly folder: string,
  ) {}

  @Get()
  async page(@Res() response: ServerResponse): Promise<void> {
    const { body, headers } = startPage(this.folder, await this.audits.recent());
    response.writeHead(200, headers).end(body);
  }
}
