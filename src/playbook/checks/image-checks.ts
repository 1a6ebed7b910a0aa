import type { SectionWords } from '../../generated/playbook.ts';
import type { SectionCheck } from './check.ts';

/** Whose image a section sends, whatever its way is. */
export const IMAGE_CHECKS: readonly SectionCheck<SectionWords>[] = [
  {
    reads: ['/file', '/member', '/strip', '/sha256'],
    check: ({ file, member, ...section }, pointer, tell) => {
      if (file !== undefined || member !== undefined) return;
      for (const key of ['strip', 'sha256'] as const) {
        if (section[key] === undefined) continue;
        tell(
          `${pointer}/${key}`,
          'no-effect',
          `this section sends the image of firmware, whose ${key} is there`,
          {
            hint: 'leave it out, or name the image of this section with file or member',
          },
        );
      }
    },
  },
  {
    reads: ['/file'],
    check: ({ file }, pointer, tell) => {
      if (file === undefined || !/^[a-z]+:\/\//i.test(file)) return;
      tell(`${pointer}/file`, 'remote-file', 'the image is a file beside the playbook; nothing is fetched', {
        hint: 'fetch it, look at it, and name the file',
      });
    },
  },
];
