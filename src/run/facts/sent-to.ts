import { firstMismatch, isCount, oneOf } from '../../base/shape.ts';
import type { Shape } from '../../base/shape.ts';
import type { ResolvedSection } from '../../playbook/resolved.ts';

/** Where in a unit a section went, and so by which command its image is activated. As JSON holds it. */
export type SentTo =
  | { readonly via: 'write-buffer' }
  | { readonly via: 'ses'; readonly subenclosureId: number; readonly bufferId: number };

const WRITE_BUFFER: Shape = { fields: { via: oneOf('write-buffer') } };
const SES: Shape = { fields: { via: oneOf('ses'), subenclosureId: isCount, bufferId: isCount } };

export const SENT_TO: Shape = {
  list: (value) => firstMismatch(value, WRITE_BUFFER) === null || firstMismatch(value, SES) === null,
};

/** What a vendor's program leaves waiting is activated by WRITE BUFFER. */
export const sentTo = (download: readonly ResolvedSection[]): SentTo[] =>
  download.map((section) =>
    section.via === 'ses'
      ? { via: 'ses', subenclosureId: section.subenclosureId, bufferId: section.bufferId }
      : { via: 'write-buffer' },
  );
