import { filter, Observable, Subject } from 'rxjs';
import { OnQueueEvent, QueueListener } from '@millrace/nestjs';

import { auditOf, Audits, Packages } from './audit-jobs.js';

/** Tells when something happened in an audit, in whichever process its jobs run. */
@QueueListener([Audits, Packages])
export class AuditActivity {
  private readonly audits = new Subject<string>();

  /** One value whenever a job of the audit has ended. */
  of(audit: string): Observable<string> {
    return this.audits.pipe(filter((id) => id === audit));
  }

  @OnQueueEvent('completed')
  @OnQueueEvent('failed')
  ended({ id }: { readonly id: string }): void {
    this.audits.next(auditOf(id));
  }
}
