import type { Refusal } from '../../base/refusal.ts';
import type { Device } from '../../device/device.ts';
import type { Identification } from '../../device/identity.ts';
import type { ResolvedPlay, ResolvedSection } from '../../playbook/resolved.ts';
import { meaningOf } from '../facts/revision.ts';
import { prepareExternal } from './external-procedure.ts';
import type { ProgramHost } from './external-procedure.ts';
import type { Procedure, SectionProcedure } from './procedure.ts';
import { Sections } from './sections.ts';
import { prepareSes, prepareSesActivation } from './ses-procedure.ts';
import { prepareWriteBuffer, prepareWriteBufferActivation } from './write-buffer-procedure.ts';
import type { Proceeding } from '../guards/unreadable.ts';
import type { PlannedUnit } from '../guards/world.ts';

/** The way of a play, checked against what the device says of itself, for all sections before the first byte of any. */
export async function prepare(
  device: Device,
  identification: Identification,
  unit: PlannedUnit,
  hooks: ProgramHost & Proceeding,
): Promise<Procedure | Refusal> {
  const { download } = unit.play;
  const hostLimitBytes = unit.facts.paths[0]?.limits.maximumTransferBytes ?? Infinity;
  if (download.length === 0) {
    const place = unit.earlier?.kind === 'waiting' ? unit.earlier.image.sentTo.at(-1) : undefined;
    return place?.via === 'ses'
      ? prepareSesActivation(device, place, {
          revision: unit.facts.revision,
          imageLengthBytes: unit.play.firmware.sizeBytes,
        })
      : prepareWriteBufferActivation(device, identification, hooks);
  }
  const sections: SectionProcedure[] = [];
  for (const [index, section] of download.entries()) {
    const prepared = await prepareSection(section);
    if ('code' in prepared) {
      const where = download.length === 1 ? '' : `section ${index + 1} of ${download.length}: `;
      return { ...prepared, message: `${where}${prepared.message}` };
    }
    sections.push(prepared);
  }
  return sections.length === 1
    ? sections[0]!
    : new Sections(sections, identification.identity, isTarget, unit.play.firmware.serialMayChange);

  function isTarget(revision: string): boolean {
    const { verify } = unit.play;
    return verify.unchanged || meaningOf(verify, revision) === verify.revision;
  }

  function prepareSection(section: ResolvedSection): Promise<SectionProcedure | Refusal> {
    switch (section.via) {
      case 'external':
        return Promise.resolve(prepareExternal(section, unit, hooks));
      case 'write-buffer':
        return prepareWriteBuffer(device, identification, section, hostLimitBytes, hooks);
      case 'ses': {
        const { subenclosureId } = section;
        const before = subenclosuresOf(download.slice(0, download.indexOf(section)));
        const follows = before.includes(subenclosureId);
        return prepareSes(device, section, hooks, {
          revision: unit.facts.revision,
          hostLimitBytes,
          clearFirst: unit.earlier != null && !follows,
          follows,
          alsoWatched: subenclosuresOf(download),
        });
      }
    }
  }
}

const subenclosuresOf = (download: ResolvedPlay['download']): number[] =>
  download.flatMap((section) => (section.via === 'ses' ? [section.subenclosureId] : []));
