import { JobsError } from '../jobs-error.js';

/** The queue uses something that this version does not know (code `UPGRADE_REQUIRED`). */
export class UpgradeRequiredError extends JobsError {
  static {
    this.prototype.name = 'UpgradeRequiredError';
  }

  readonly queue: string;

  /** @param feature what it is, if known: `format 2` */
  constructor(queue: string, feature = 'a feature') {
    super(
      'UPGRADE_REQUIRED',
      `Queue "${queue}" uses ${feature} that this version of Millrace does not know. Deploy the newer version here too; running jobs still end as usual.`,
    );
    this.queue = queue;
  }

  static override is(value: unknown): value is UpgradeRequiredError {
    return JobsError.is(value, 'UPGRADE_REQUIRED');
  }
}
