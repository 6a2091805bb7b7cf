import { BadRequestException, Injectable, type PipeTransform } from '@nestjs/common';

import { auditFolder, FolderError } from '../audit/audit-folder.js';

/** Checks the folder of a request and gives its real path; what is wrong with it is told in the answer. */
@Injectable()
export class FolderPipe implements PipeTransform<unknown, Promise<string>> {
  async transform(input: unknown): Promise<string> {
    try {
      return await auditFolder(input);
    } catch (error) {
      if (error instanceof FolderError) throw new BadRequestException(error.message);
      throw error;
    }
  }
}
