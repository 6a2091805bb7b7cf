import { type DynamicModule, Module } from '@nestjs/common';
import { JobsModule, type JobsModuleOptions } from '@millrace/nestjs';

import { Audits, Office, Packages } from './audits/audit-jobs.js';
import { AuditActivity } from './audits/audit-activity.js';
import { AuditPlan } from './audits/audit-plan.js';
import { AuditProcessor } from './audits/audit.processor.js';
import { AuditProgressService } from './audits/audit-progress.service.js';
import { AuditStore, DATA_FOLDER } from './audits/audit-store.js';
import { AuditsService } from './audits/audits.service.js';
import { FindingsService } from './audits/findings.service.js';
import { JobTally } from './audits/job-tally.js';
import { NightlyService } from './audits/nightly.service.js';
import { OfficeProcessor } from './audits/office.processor.js';
import { PackageProcessor } from './audits/package.processor.js';
import { PartProcessor } from './audits/part.processor.js';
import { AuditsController } from './http/audits.controller.js';
import { PROPOSED_FOLDER, StartController } from './http/start.controller.js';
import type { Settings } from './settings.js';

@Module({ providers: [JobTally], exports: [JobTally] })
class TallyModule {}

/** The whole application: jobs, what they keep, and the pages. */
@Module({})
export class AppModule {
  static with({ connection, prefix, auditsFolder, folder }: Settings): DynamicModule {
    return {
      module: AppModule,
      imports: [
        JobsModule.forRootAsync({
          imports: [TallyModule],
          inject: [JobTally],
          useFactory: ({ hooks }: JobTally): JobsModuleOptions => ({ connection, prefix, hooks }),
        }),
        JobsModule.registerQueue(Audits, Packages, Office),
      ],
      controllers: [StartController, AuditsController],
      providers: [
        { provide: DATA_FOLDER, useValue: auditsFolder },
        { provide: PROPOSED_FOLDER, useValue: folder },
        ...[AuditStore, AuditPlan, AuditProgressService, AuditActivity, AuditsService],
        ...[FindingsService, NightlyService],
        ...[AuditProcessor, PartProcessor, PackageProcessor, OfficeProcessor],
      ],
    };
  }
}
