import { DecodeError } from '../../base/errors.ts';
import { unreadableRefusal } from '../../base/facts.ts';
import { refusal } from '../../base/refusal.ts';
import type { Refusal } from '../../base/refusal.ts';
import { endModeOf } from '../../playbook/modes.ts';
import type { ResolvedPlay, ResolvedStrategy, ResolvedWriteBufferSection } from '../../playbook/resolved.ts';
import { modeSupport } from '../../device/capabilities.ts';
import type { Capabilities } from '../../device/capabilities.ts';
import { extendedInquiry } from '../../scsi/vpd-extended-inquiry.ts';
import type { ExtendedInquiry } from '../../scsi/vpd-extended-inquiry.ts';
import { modeFacts, WRITE_BUFFER_MODES } from '../../scsi/write-buffer.ts';
import type { DeviceFacts } from '../facts/inspect.ts';
import type { MatchPages } from '../facts/match-bytes.ts';

/** What a unit says of its downloads in VPD page 86h; null: it does not say, or was not asked. */
function saidOf(pages: MatchPages): ExtendedInquiry | null {
  const page = pages.get(extendedInquiry.pageCode) ?? null;
  if (page === null) return null;
  try {
    return extendedInquiry.decode(page);
  } catch (error) {
    if (error instanceof DecodeError) return null;
    throw error;
  }
}

/** Modes of WRITE BUFFER that a unit lists; null: it does not say, or was not asked. */
export const downloadModes = (pages: MatchPages): ReadonlySet<number> | null =>
  saidOf(pages)?.downloadModes ?? null;

/**
 * Why a unit cannot be sent what the playbook wants, by what it says of its modes itself; null: it does not contradict. A
 * fallback is for units that do not know the mode, and is taken only where they list it.
 */
export function whyNotModes(
  { download, activate }: ResolvedPlay,
  { pages, unreadable = [] }: Pick<DeviceFacts, 'pages' | 'unreadable'>,
  { proceedWithout }: Pick<ResolvedStrategy, 'proceedWithout'>,
): Refusal | null {
  if (!download.some(({ via }) => via === 'write-buffer')) return null;
  const unread = unreadableRefusal(unreadable, ['vpd-86h'], proceedWithout);
  if (unread !== null) return unread;
  const said = saidOf(pages);
  const listed = said?.downloadModes ?? null;
  if (said === null || listed === null) return null;
  const activates = activate.some(({ step }) => step === 'activate_mc');
  for (const section of download) {
    if (section.via !== 'write-buffer') continue;
    const wanted = wantedModes(section, activates);
    const missing = missingMode(section, wanted, (name) => listed.has(WRITE_BUFFER_MODES[name]));
    if (missing !== null) {
      const what = `the unit lists ${namesOf(listed)} (VPD page 86h)`;
      return refusal('mode-not-supported', { mode: missing, said: what });
    }
    const event = wanted.includes('dmc_offs_ev_defer') ? whyNotEvent(section.modeSpecific, said) : null;
    if (event !== null) return event;
  }
  return null;
}

/** The first mode that the unit does not have. A fallback is for units that do not know the first one; one that they do not know either helps nobody. */
function missingMode(
  { mode, otherwise }: ResolvedWriteBufferSection,
  wanted: readonly ModeName[],
  has: (name: ModeName) => boolean,
): ModeName | null {
  const missing = wanted.find((name) => !has(name)) ?? null;
  return missing === mode && otherwise !== null && has(otherwise.mode) ? null : missing;
}

/** The same, asked of the open device, which also lists its operation codes. */
export function whyDenied(section: ResolvedWriteBufferSection, said: Capabilities): Refusal | null {
  const { mode, lastMode, endWith } = section;
  const wanted = [mode, lastMode, endWith].filter((name) => name !== null);
  const has = (name: ModeName): boolean => modeSupport(said, WRITE_BUFFER_MODES[name]) !== 'not-supported';
  const missing = missingMode(section, wanted, has);
  if (missing === null) return null;
  const names = Object.entries(WRITE_BUFFER_MODES).filter(
    ([, code]) => modeSupport(said, code) === 'supported',
  );
  const known = names.length === 0 ? '' : ` (it names ${names.map(([name]) => name).join(', ')})`;
  const what = `the unit says that it does not support this mode${known}`;
  return refusal('mode-not-supported', { mode: missing, said: what });
}

type ModeName = keyof typeof WRITE_BUFFER_MODES;

function wantedModes(section: ResolvedWriteBufferSection, activates: boolean): ModeName[] {
  const end = endModeOf(section);
  const deferred = modeFacts(WRITE_BUFFER_MODES[end]).deferred;
  return [section.mode, end, ...(activates && deferred ? (['activate_mc'] as const) : [])];
}

/** Bits of MODE SPECIFIC of mode 0Dh, and the bits of page 86h that say whether the unit knows the event. */
const EVENTS = [
  [4, 'power on', 'powerOnActivation', 'POA_SUP'],
  [2, 'hard reset', 'hardResetActivation', 'HRA_SUP'],
  [1, 'vendor specific event', 'vendorEventActivation', 'VSA_SUP'],
] as const satisfies readonly (readonly [number, string, keyof ExtendedInquiry, string])[];

function whyNotEvent(modeSpecific: number, said: ExtendedInquiry): Refusal | null {
  const unknown = EVENTS.find(([bit, , known]) => (modeSpecific & bit) !== 0 && !said[known]);
  if (unknown === undefined) return null;
  const [, event, , field] = unknown;
  return refusal('event-not-supported', { bits: modeSpecific, event, field });
}

const namesOf = (modes: ReadonlySet<number>): string =>
  Object.entries(WRITE_BUFFER_MODES)
    .filter(([, mode]) => modes.has(mode))
    .map(([name]) => name)
    .join(', ') || 'none';
