import { parseDuration } from '../../base/units.ts';
import { isDeferred, isSaved } from '../modes.ts';
import { endsOf, ordinaryEnd, modeChoicesOf } from '../sections.ts';
import type { LintCode } from './lint-codes.ts';
import type { SectionRule, Warn } from './lint-rule.ts';

const KIB = 1024;
const MOST_PROVEN_BYTES = 32 * KIB;
const MOST_WHOLE_BYTES = 64 * KIB;
/** HP's expander takes up to 40 s for its first chunk. */
const SHORTEST_TIMEOUT_MS = 60_000;

const selfActivating: SectionRule = (section, { pointer }, warn) => {
  if (section.via === 'external') return;
  const { key, mode } = ordinaryEnd(section);
  if (isDeferred(mode)) return;
  warn(`${pointer}/${key}`, 'self-activating', `with ${mode} the device restarts at the last chunk`, {
    hint: 'use dmc_offs_defer if the device supports it; otherwise say why not (x-accept)',
  });
};

const largeChunks: SectionRule = (section, { pointer, sentBytes }, warn) => {
  if (section.via === 'external') return;
  for (const { mode, bpw, pointers } of modeChoicesOf(section, pointer)) {
    if (typeof bpw === 'number' && bpw > MOST_PROVEN_BYTES && (sentBytes ?? bpw) > MOST_PROVEN_BYTES) {
      warn(pointers.bpw, 'large-bpw', `chunks of ${bpw} bytes are more than 32 KiB`, {
        hint: 'write the size that the vendor names, or 4096',
      });
    } else if (bpw === 'whole' && sentBytes !== null && sentBytes > MOST_WHOLE_BYTES) {
      const place = section.bpw === undefined ? pointers.mode : pointers.bpw;
      warn(place, 'whole-image', `${sentBytes} bytes go in one command (${mode})`, {
        hint: 'use a mode with offsets and bpw: 4096, unless the vendor says that one command is right',
      });
    }
  }
};

const shortTimeout: SectionRule = (section, { pointer }, warn) => {
  if (section.via === 'external' || section.timeout === undefined) return;
  const { timeout } = section;
  const given: readonly (readonly [path: string, duration: string | undefined])[] =
    typeof timeout === 'string'
      ? [[`${pointer}/timeout`, timeout]]
      : (['first', 'chunk', 'last', 'activate'] as const).map((key) => [
          `${pointer}/timeout/${key}`,
          timeout[key],
        ]);
  for (const [path, duration] of given) {
    if (duration === undefined || (parseDuration(duration) ?? SHORTEST_TIMEOUT_MS) >= SHORTEST_TIMEOUT_MS)
      continue;
    warn(
      path,
      'short-timeout',
      `${duration} can end while the device is still working, and the download fails`,
      {
        hint: 'remove it: the default is at least 300s',
      },
    );
  }
};

const blindDownload: SectionRule = (section, { pointer }, warn) => {
  if (section.via !== 'ses') return;
  if (section['status-reads'] === 'none') warnBlind(`${pointer}/status-reads`, warn);
  else if (section['final-status'] === 'skip') warnBlind(`${pointer}/final-status`, warn);
};

function warnBlind(path: string, warn: Warn): void {
  const code: LintCode = 'blind-download';
  warn(path, code, 'what the device says about the download is not read', {
    hint: 'remove it, unless this shelf is known to reset on that read; then say so in x-accept',
  });
}

const manufacturing: SectionRule = (section, { pointer }, warn) => {
  if (section.via === 'external' || section.region !== 'manufacturing') return;
  warn(`${pointer}/region`, 'manufacturing', 'serial number and addresses of the unit may be lost', {
    hint: 'save the output of `runbook devices --probe` first',
  });
};

const notSaved: SectionRule = (section, { pointer }, warn) => {
  if (section.via === 'external' || section['not-saved'] === undefined) return;
  if (endsOf(section).every(({ mode }) => isSaved(mode))) return;
  warn(`${pointer}/not-saved`, 'not-saved-accepted', 'the unit loses the image at its next power cycle', {
    hint: 'use a mode that saves, if the device supports one; otherwise say what the image is for (x-accept)',
  });
};

const unproven: SectionRule = (section, { pointer }, warn) => {
  if (section.unproven === undefined) return;
  warn(`${pointer}/unproven`, 'unproven-accepted', 'nothing shows whether this section runs', {
    hint: 'name a witness, if the device shows its version anywhere; otherwise say how it is found out (x-accept)',
  });
};

export const SECTION_RULES: readonly SectionRule[] = [
  selfActivating,
  largeChunks,
  shortTimeout,
  blindDownload,
  manufacturing,
  notSaved,
  unproven,
];
