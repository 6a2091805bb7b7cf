import { Injectable, NotFoundException, type PipeTransform } from '@nestjs/common';

import type { AuditStatus } from '../audits/audit-status.js';
import { AuditsService } from '../audits/audits.service.js';

const ID = /^[0-9a-f]{12}$/;

/** Turns the id in an address into the audit's status. Ids name folders, so what is none never reaches the disk. */
@Injectable()
export class AuditIdPipe implements PipeTransform<string, Promise<AuditStatus>> {
  constructor(private readonly audits: AuditsService) {}

  async transform(id: string): Promise<AuditStatus> {
    const status = ID.test(id) ? await this.audits.status(id) : undefined;
    if (status === undefined) throw new NotFoundException('There is no such audit.');
    return status;
  }
}
