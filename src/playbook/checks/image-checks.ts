import type { SectionWords } from '../../generated/playbook.ts';
import type { SectionCheck } from './check.ts';

/** Whose image a section sends, whatever its way is. */
export const IMAGE_CHECKS: readonly SectionCheck<SectionWords>[] = [
  {
    reads: ['/file', '/member', '/strip', '/sha256', '/size', '/is'],
    check: ({ file, member, ...section }, pointer, tell) => {
      if (file !== undefined || member !== undefined) return;
      for (const key of ['strip', 'sha256', 'size', 'is'] as const) {
        if (section[key] === undefined) continue;
        tell(
          `${pointer}/${key}`,
          'no-effect',
          `this section sends the image of firmware, so ${key} belongs there`,
          {
            hint: 'remove it, or give this section its own image with file or member',
          },
        );
      }
    },
  },
  {
    reads: ['/file'],
    check: ({ file }, pointer, tell) => {
      if (file === undefined || !/^[a-z]+:\/\//i.test(file)) return;
      tell(
        `${pointer}/file`,
        'remote-file',
        'the image must be a file beside the playbook; runbook downloads nothing',
        {
          hint: 'download it, check it, then name the file',
        },
      );
    },
  },
];
