import type { LabDeviceWords } from '../../../src/generated/lab.ts';
import type { ResolvedPlay, ResolvedSesSection } from '../../../src/playbook/resolved.ts';
import type { Proceeding } from '../../../src/run/guards/unreadable.ts';
import { OperationCode } from '../../../src/scsi/command.ts';
import { SES_PERSONAS } from '../../../src/simulator/ses-personas.ts';
import type { SimulatedDevice } from '../../../src/simulator/simulated-device.ts';
import { IMAGE, playOf, sectionOf } from './builders.ts';
import type { PlayFields } from './builders.ts';
import { runLab } from './lab-run.ts';
import type { LabRun, LabRunEnd } from './lab-run.ts';

export type SesPersonaName = keyof typeof SES_PERSONAS;
export const SES_PERSONA_NAMES = Object.keys(SES_PERSONAS) as SesPersonaName[];

/** A playbook that wants every fact. */
export const WITH_ALL_FACTS: Proceeding = { proceedWithout: [], onWithout: () => undefined };

/** 10000 bytes in mode 07h, 4096 at a time, everything else at its default. */
export function sesSectionOf(fields: Partial<ResolvedSesSection> = {}): ResolvedSesSection {
  const image = fields.image ?? IMAGE;
  return {
    ...sectionOf({ image }),
    via: 'ses',
    mode: 'dmc_offs_save',
    lastMode: null,
    endWith: null,
    otherwise: null,
    subenclosureId: 0,
    totalLengthBytes: image.length,
    statusReads: 'auto',
    finalStatus: 'read',
    ...fields,
  };
}

/** LAB shelves from 2.08 to 2.10 through page 0Eh. */
export function sesPlayOf(section: Partial<ResolvedSesSection> = {}, fields: PlayFields = {}): ResolvedPlay {
  const { match, ...rest } = fields;
  return playOf({
    name: 'shelves',
    match: { vendor: 'LAB', product: '*', ...match },
    download: [sesSectionOf(section)],
    activate: [],
    ...rest,
  });
}

export interface ShelfRun extends Omit<LabRun, 'devices' | 'plays'> {
  readonly persona?: SesPersonaName;
  readonly words?: Partial<LabDeviceWords>;
  readonly section?: Partial<ResolvedSesSection>;
  readonly play?: PlayFields;
}

/** One shelf, one play, the whole run. */
export async function runShelf({
  persona = 'ses-shelf',
  words,
  section,
  play,
  ...rest
}: ShelfRun = {}): Promise<LabRunEnd & { readonly device: SimulatedDevice }> {
  const end = await runLab({
    ...rest,
    devices: [{ persona, ...words }],
    plays: [sesPlayOf(section, play)],
  });
  return { ...end, device: end.devices[0]! };
}

/**
 * Page 0Eh on the wire: `07@0` for a control page (mode and offset), `R` for a reading. From the first page 0Eh on.
 */
export function pagesOf({ log }: SimulatedDevice): string[] {
  return log.flatMap(({ cdb, name }) => {
    if (cdb[0] === OperationCode.receiveDiagnosticResults && cdb[2] === 0x0e) return ['R'];
    return cdb[0] === OperationCode.sendDiagnostic ? [name] : [];
  });
}

/** Where the bytes of the image are in the end: running, waiting for an event, or nowhere. */
export function holds({ microcode }: SimulatedDevice): 'runs' | 'waits' | 'nothing' {
  const isOurs = ({ bytes }: { readonly bytes: Uint8Array }): boolean => Buffer.compare(bytes, IMAGE) === 0;
  if ([...microcode.flash.values()].some(isOurs)) return 'runs';
  return [...microcode.waiting.values()].some(({ image }) => isOurs(image)) ? 'waits' : 'nothing';
}
