import { answerReadBuffer } from './behaviors/read-buffer.ts';
import { dropWhenStatusIsRead, startUnread } from './behaviors/ses-peculiar.ts';
import { answerWriteBuffer } from './behaviors/write-buffer.ts';
import type { DownloadRules, TakesEffect } from './download-rules.ts';
import { PERSONAS } from './personas.ts';
import { withOwn } from './ses-personas.ts';
import type { SesRules } from './ses-rules.ts';
import type { Persona } from './simulated-device.ts';

/** What a device has to be like, so that a given download fits it. */
export interface Fitting {
  /** Peripheral device type (SPC). */
  readonly deviceType: number;
  readonly vendor: string;
  readonly product: string;
  /** null: takes no download by WRITE BUFFER. */
  readonly writeBuffer: Pick<DownloadRules, 'modes' | 'bufferIds' | 'bufferIdStep' | 'lastMode'> | null;
  /** null: has no SES pages. */
  readonly ses: FittingSes | null;
  /** Large enough for what is sent. */
  readonly capacityBytes: number;
  readonly takesEffect: TakesEffect;
}

export interface FittingSes {
  readonly modes: readonly number[];
  readonly bufferIds: readonly number[];
  /** Subenclosures beside the primary one, with what page 01h says of them. */
  readonly others: readonly { readonly id: number; readonly product: string; readonly revision: string }[];
  /** A download is dropped when its status is read (`--non`). */
  readonly dropsWhenRead: boolean;
  /** Starts before the final status was read (`--ealsd`). */
  readonly startsUnread: boolean;
}

/** What shelves that drop a download when its status is read say of it: the known one does not say where it is. */
export const SAYS_LITTLE = {
  expectedOffset: 'zero',
  refusal: 'check-condition',
  namesWrongField: false,
} as const satisfies Partial<SesRules>;

/** How long new code takes to be ready. */
const READY_AFTER_MS = 5000;
const DMC = 0x04;

/** A persona made to measure: the standard ones with other words in their rules. */
export function fittingPersona(fitting: Fitting): Persona {
  const { deviceType, vendor, product, writeBuffer, ses, capacityBytes, takesEffect } = fitting;
  const base = ses === null ? baseOf(fitting) : PERSONAS['ses-shelf-immediate'];
  return {
    ...base,
    summary: 'made to fit a playbook',
    deviceType,
    vendor,
    product,
    addressPrefix: '3000000fa0', // NAA 3h: locally assigned
    download: writeBuffer === null ? base.download : { ...DOWNLOAD, ...writeBuffer, capacityBytes },
    ...(ses === null
      ? {}
      : {
          ses: { ...PERSONAS['ses-shelf-immediate'].ses, ...sesRules(ses), maximumImageBytes: capacityBytes },
        }),
    takesEffect,
    restart: { readyAfterMs: READY_AFTER_MS },
    activateMicrocode: null,
    behaviors:
      ses === null
        ? base.behaviors
        : withOwn(
            ...(ses.dropsWhenRead ? [dropWhenStatusIsRead] : []),
            ...(ses.startsUnread ? [startUnread] : []),
            ...(writeBuffer === null ? [] : [answerReadBuffer, answerWriteBuffer]),
          ),
  };
}

const DOWNLOAD = { ...PERSONAS['hp-sas-expander'].download, events: 7 };

/** Mode dmc comes in chunks to a tape drive alone. */
const baseOf = ({ writeBuffer }: Fitting): Persona =>
  writeBuffer?.modes.includes(DMC) === true ? PERSONAS.tape : PERSONAS['hp-sas-expander'];

function sesRules({
  modes,
  bufferIds,
  others,
  dropsWhenRead,
  startsUnread,
}: FittingSes): Partial<NonNullable<Persona['ses']>> {
  const [primary] = PERSONAS['ses-shelf-immediate'].ses.subenclosures;
  return {
    modes,
    subenclosures: [
      { ...primary!, bufferIds },
      ...others.map(({ id, product, revision }) => ({
        id,
        bufferIds,
        code: { product, revision },
        types: [],
      })),
    ],
    ...(startsUnread ? { writeMs: 0 } : {}),
    ...(dropsWhenRead ? SAYS_LITTLE : {}),
  };
}
