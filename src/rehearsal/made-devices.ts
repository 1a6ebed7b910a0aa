import type { Clock } from '../base/clock.ts';
import type {
  ResolvedChunkedSection,
  ResolvedPlay,
  ResolvedSection,
  ResolvedWitness,
} from '../playbook/resolved.ts';
import { isPersonStep } from '../playbook/steps.ts';
import { WRITE_BUFFER_MODES } from '../scsi/write-buffer.ts';
import { answerModule } from '../simulator/behaviors/module-configuration.ts';
import { showsBytes } from '../simulator/behaviors/shown-bytes.ts';
import { fittingPersona } from '../simulator/fitting-persona.ts';
import type { Fitting, FittingSes } from '../simulator/fitting-persona.ts';
import type { LabImage } from '../simulator/incoming-image.ts';
import type { TakesEffect } from '../simulator/download-rules.ts';
import type { EnclosureModule } from '../simulator/ses-enclosure.ts';
import { SimulatedDevice } from '../simulator/simulated-device.ts';
import type { Persona } from '../simulator/simulated-device.ts';
import { chunkCount } from '../base/units.ts';

/** A play with the plays that follow it on the same units. */
export type PlayChain = readonly [first: ResolvedPlay, ...then: ResolvedPlay[]];

/** Plays that begin with units of their own, each with those that come `after` it. */
export function chainsOf(plays: readonly ResolvedPlay[]): PlayChain[] {
  return plays
    .filter(({ after }) => after === null)
    .map((first): PlayChain => {
      const then: ResolvedPlay[] = [];
      let last = first.name;
      for (const play of plays) {
        if (play.after !== last) continue;
        then.push(play);
        last = play.name;
      }
      return [first, ...then];
    });
}

export interface MadeDevice {
  readonly device: SimulatedDevice;
  readonly chain: PlayChain;
  /** With the new code it, or its enclosure, is not as the playbook expects. */
  readonly isUnlike: boolean;
}

/** What is particular about one simulated device of a rehearsal. */
export interface Particular {
  readonly revision?: string;
  readonly alter?: (persona: Persona) => Persona;
  readonly module?: EnclosureModule;
  readonly lostPaths?: number;
  /** What it shows with the new code, beside what the playbook expects. */
  readonly brings?: { readonly serial?: string; readonly product?: string };
  /** With the new code a part of its enclosure is worse. */
  readonly worsens?: true;
  readonly onRestart?: (device: SimulatedDevice) => void;
}

/** Simulated device `index` of a rehearsal, which the first play of the chain selects and upgrades. */
export function madeDevice(
  chain: PlayChain,
  index: number,
  clock: Clock,
  { revision, alter, brings, worsens, ...rest }: Particular = {},
): MadeDevice {
  const [{ match, verify }] = chain;
  const shown = revision ?? shownFor(verify, match.revision.find((word) => word !== '*') ?? UNKNOWN_REVISION);
  const fitting = fittingOf(chain, shown);
  const persona = fittingPersona(fitting);
  const name = match.identity?.[index % match.identity.length] ?? null;
  const naa = name === null ? null : addressIn(name);
  const device: SimulatedDevice = new SimulatedDevice({
    persona: alter?.(persona) ?? persona,
    identity: {
      vendor: fitting.vendor,
      product: fitting.product,
      serial: name !== null && naa === null ? name : `AUTO${String(index + 1).padStart(6, '0')}`,
      naa: naa ?? persona.addressPrefix + (index * 0x40).toString(16).padStart(6, '0'),
    },
    revision: shown,
    images: imagesOf(chain).map((image) => ({ ...image, product: brings?.product ?? image.product })),
    clock,
    linkRate: '1.5 Gbit',
    sysfs: (name) => sysfsOf(chain, device, name),
    // A serial number that may change does, in a rehearsal.
    ...(chain.some(({ firmware }) => firmware.serialMayChange) && { newSerial: `AUTO${index + 1}` }),
    ...(brings?.serial !== undefined && { newSerial: brings.serial }),
    ...rest,
  });
  for (const {
    match: { proof },
  } of chain) {
    for (const { page, offset, equals } of proof) {
      device.putInFront(showsBytes({ page: page === 'standard' ? null : page, offset, bytes: equals }));
    }
  }
  for (const play of chain) showWitness(play, device);
  // Cards without SES pages still say which module they are.
  if (rest.module !== undefined && device.enclosure === null) device.putInFront(answerModule(rest.module));
  if (chain[0].download.length === 0) leaveWaiting(chain[0], device);
  return { device, chain, isUnlike: brings !== undefined || worsens === true };
}

const UNKNOWN_REVISION = '0000';

/** What the device shows where the playbook has another word for it. */
export function shownFor({ aliases }: Pick<ResolvedPlay['verify'], 'aliases'>, word: string): string {
  return Object.entries(aliases).find(([, means]) => means === word)?.[0] ?? word;
}

/** What a device of the play shows in the end; null: its revision never moves. */
export const targetOf = ({ verify }: ResolvedPlay): string | null =>
  verify.unchanged ? null : shownFor(verify, verify.revision);

function fittingOf(chain: PlayChain, revision: string): Fitting {
  const [{ match }] = chain;
  const sections = chain.flatMap(({ download }) => download);
  const largest = Math.max(0x10000, ...sections.map(endOf));
  return {
    deviceType: match.deviceType,
    vendor: withoutWildcards(match.vendor),
    product: withoutWildcards(match.product),
    writeBuffer: writeBufferOf(chain),
    ses: sesOf(chain, revision),
    capacityBytes: largest,
    takesEffect: takesEffectOf(chain),
  };
}

const withoutWildcards = (pattern: string): string =>
  pattern.trim() === '' ? '' : pattern.replaceAll('*', '').trim() || 'ANY';

const endOf = (section: ResolvedSection): number =>
  section.via === 'external' ? 0 : section.offsetBytes + section.image.length;

function takesEffectOf(chain: PlayChain): TakesEffect {
  const byPerson = chain.some(({ activate }) => activate.some(({ step }) => isPersonStep(step)));
  return byPerson ? 'power-cycle' : 'at-once';
}

function writeBufferOf(chain: PlayChain): Fitting['writeBuffer'] {
  const sections = chain.flatMap(({ download }) => download).filter(({ via }) => via === 'write-buffer');
  const modes = new Set<number>();
  const bufferIds = new Set<number>();
  let bufferIdStep = 0;
  let lastMode: number | null = null;
  for (const section of sections) {
    if (section.via !== 'write-buffer') continue;
    for (const mode of [section.mode, section.lastMode, section.endWith, section.otherwise?.mode ?? null]) {
      if (mode !== null) modes.add(WRITE_BUFFER_MODES[mode]);
    }
    for (const id of idsOf(section)) bufferIds.add(id);
    bufferIdStep = Math.max(bufferIdStep, section.bufferIdStep);
    if (section.lastMode !== null) lastMode = WRITE_BUFFER_MODES[section.lastMode];
  }
  const activates = chain.some(({ activate }) => activate.some(({ step }) => step === 'activate_mc'));
  const waits = chain.some(({ download }) => download.length === 0);
  const bySes = chain.some(({ download }) => download.some(({ via }) => via === 'ses'));
  if (sections.length === 0 && !(waits && !bySes)) return null;
  if (activates) modes.add(WRITE_BUFFER_MODES.activate_mc);
  return { modes: [...modes], bufferIds: [...bufferIds, ...(waits ? [0] : [])], bufferIdStep, lastMode };
}

function sesOf(chain: PlayChain, revision: string): FittingSes | null {
  const sections = chain
    .flatMap(({ download }) => download)
    .flatMap((section) => (section.via === 'ses' ? [section] : []));
  if (sections.length === 0) return null;
  const activates = chain.some(({ activate }) => activate.some(({ step }) => step === 'activate_mc'));
  const modes = new Set<number>(
    sections
      .flatMap(({ mode, lastMode, endWith, otherwise }) => [mode, lastMode, endWith, otherwise?.mode ?? null])
      .flatMap((name) => (name === null ? [] : [WRITE_BUFFER_MODES[name]])),
  );
  if (activates) modes.add(WRITE_BUFFER_MODES.activate_mc);
  const product = withoutWildcards(chain[0].match.product);
  const others = new Set(sections.map(({ subenclosureId }) => subenclosureId).filter((id) => id !== 0));
  const witnessed = chain
    .flatMap(witnessesOf)
    .flatMap((witness) =>
      witness.kind === 'ses-revision' && witness.subenclosureId !== 0 ? [witness.subenclosureId] : [],
    );
  return {
    modes: [...modes],
    bufferIds: [...new Set(sections.flatMap(idsOf))],
    others: [...new Set([...others, ...witnessed])].map((id) => ({ id, product, revision })),
    dropsWhenRead: sections.some(({ statusReads }) => statusReads === 'none'),
    startsUnread: sections.some(({ finalStatus }) => finalStatus === 'skip'),
  };
}

/** Chunks of a section; `auto` counts as one. */
export const chunksSent = ({ bpw, image }: Pick<ResolvedChunkedSection, 'bpw' | 'image'>): number =>
  chunkCount(image.length, bpw === 'auto' ? 'whole' : bpw);

/** Buffer ids of all chunks of a section. */
function idsOf(section: Exclude<ResolvedSection, { via: 'external' }>): number[] {
  const { bufferId, bufferIdStep } = section;
  if (bufferIdStep === 0) return [bufferId];
  return Array.from({ length: chunksSent(section) }, (_, n) => bufferId + n * bufferIdStep).filter(
    (id) => id <= 0xff,
  );
}

/** The bytes that the chain sends: the last section of a play brings its revision, those before it what proves them, if anything. */
function imagesOf(chain: PlayChain): LabImage[] {
  const known = new Map<string, LabImage>();
  for (const play of chain) {
    const sections = play.download.length === 0 ? [] : play.download;
    for (const [index, { image: bytes, sentSha256, witness }] of sections.entries()) {
      const own = witness?.kind === 'ses-revision' ? witness.equals : null;
      const last = index === sections.length - 1;
      known.set(sentSha256, {
        name: play.firmware.file,
        revision: last ? targetOf(play) : own,
        ...(last ? renamedBy(play) : { product: null }),
        bytes,
      });
    }
  }
  return [...known.values()];
}

/** What the new code of a play shows beside its revision. */
const renamedBy = ({
  firmware: { product, vendor },
  verify: { witness },
}: ResolvedPlay): Pick<LabImage, 'product' | 'vendor' | 'linkRate'> => ({
  product,
  ...(vendor !== null && { vendor }),
  ...(witness?.kind === 'link-rate' && { linkRate: witness.atLeast }),
});

/** A play that only activates finds an image that waits. */
function leaveWaiting(play: ResolvedPlay, device: SimulatedDevice): void {
  const { firmware } = play;
  const image = { name: firmware.file, revision: targetOf(play), ...renamedBy(play), bytes: NO_BYTES };
  device.microcode.waiting.set(0, {
    image,
    events: new Set(['activate', 'hard-reset', 'power-on']),
    deferred: true,
  });
}

const NO_BYTES = new Uint8Array(0);

/** `naa.…`, `eui.…`, `0x…`, or 16 hex digits: the address that a name means; null: a serial number. */
const addressIn = (name: string): string | null =>
  /^(?:0x|naa\.|eui\.)?([0-9a-f]{16})$/i.exec(name)?.[1]?.toLowerCase() ?? null;

/** The second witness of a play agrees as soon as the device runs its image. */
function showWitness(play: ResolvedPlay, device: SimulatedDevice): void {
  for (const witness of witnessesOf(play)) {
    if (witness.kind !== 'vpd' && witness.kind !== 'inquiry') continue;
    const page = witness.kind === 'vpd' ? witness.pageCode : null;
    const { offset, equals: bytes } = witness;
    device.putInFront(showsBytes({ page, offset, bytes, when: () => runsImageOf(play, device) }));
  }
}

/** What proves a play and its sections. Those of sections agree with the last one: there is one verification for all. */
const witnessesOf = ({ verify, download }: ResolvedPlay): readonly ResolvedWitness[] =>
  [verify.witness, ...download.map(({ witness = null }) => witness)].flatMap((witness) => witness ?? []);

/** Attributes of the device that witnesses of its plays look at. */
function sysfsOf(chain: PlayChain, device: SimulatedDevice, name: string): string | null {
  for (const play of chain) {
    for (const witness of witnessesOf(play)) {
      if (witness.kind !== 'sysfs' || witness.path !== `{device}/${name}`) continue;
      return runsImageOf(play, device) ? witness.equals : '';
    }
  }
  return null;
}

/** The device really runs what the play sends, whatever it shows. */
export function runsImageOf(play: ResolvedPlay, device: SimulatedDevice): boolean {
  const section = play.download.at(-1);
  const id = section?.via === 'ses' ? section.subenclosureId : 0;
  const microcode = device.enclosure?.withId(id)?.microcode ?? device.microcode;
  const target = targetOf(play);
  if (target !== null) return microcode.running.revision === target;
  return [...microcode.flash.values()].some(
    ({ bytes }) => Buffer.compare(bytes, section?.image ?? bytes) === 0,
  );
}
