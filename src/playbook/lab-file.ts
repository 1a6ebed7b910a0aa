import type { LabFile } from '../generated/lab.ts';
import { validateLab } from '../generated/lab-validator.js';
import type { Diagnostic } from './diagnostics.ts';
import { hasErrors, sortDiagnostics } from './diagnostics.ts';
import { parseDuration, parseSize } from './grammar.ts';
import { deepFreeze, readWords } from './words.ts';
import type { Words } from './words.ts';

/** Text of a lab file to checked words, frozen. Never throws; `lab` is null when there is an error. */
export function loadLabFile(
  file: string,
  text: string,
): { readonly lab: LabFile | null; readonly diagnostics: readonly Diagnostic[] } {
  const { words, diagnostics: found } = readWords(file, text, validateLab);
  if (words === null) return { lab: null, diagnostics: sortDiagnostics(found) };
  // Only what the schema cannot say; it reads every part, so the parts must be there.
  if (!hasErrors(found)) checkLab(words.document.value as LabFile, words);
  const diagnostics = sortDiagnostics(found);
  if (hasErrors(diagnostics)) return { lab: null, diagnostics };
  return { lab: deepFreeze(words.document.value as LabFile), diagnostics };
}

/** The most that a lab makes: a device with offsets cannot take more. */
const MAX_MADE_BYTES = 256 * 1024 * 1024;

function checkLab(lab: LabFile, { report }: Words): void {
  const images = lab.images ?? [];
  for (const [index, image] of images.entries()) {
    const path = `/images/${index}`;
    const made = image.bytes !== undefined || image.rule !== undefined;
    if (
      made === (image.file !== undefined) ||
      (made && (image.bytes === undefined || image.rule === undefined))
    ) {
      const message = `image ${image.name} needs bytes and rule, or file`;
      report({ code: 'missing-key', path, message, hint: 'write bytes: 1MiB and rule: standard' });
    }
    const bytes = image.bytes === undefined ? 1 : parseSize(image.bytes);
    if (bytes === null || bytes < 1 || bytes > MAX_MADE_BYTES) {
      const message = `bytes must be from 1 to ${MAX_MADE_BYTES}, not ${image.bytes ?? ''}`;
      report({ code: 'range', path: `${path}/bytes`, message });
    }
  }
  reportTwice(images, 'name', '/images', report);
  for (const key of ['node', 'serial', 'sas-address'] as const)
    reportTwice(lab.devices, key, '/devices', report);
  for (const [index, { latency }] of lab.devices.entries()) {
    if (latency !== undefined && parseDuration(latency) === null) {
      report({ code: 'duration', path: `/devices/${index}/latency`, message: `${latency} is too long` });
    }
  }
}

function reportTwice<Key extends string>(
  list: readonly Readonly<Partial<Record<Key, string>>>[],
  key: Key,
  pointer: string,
  report: Words['report'],
): void {
  const seen = new Set<string>();
  for (const [index, { [key]: value }] of list.entries()) {
    if (value === undefined) continue;
    if (seen.has(value)) {
      report({ code: 'count', path: `${pointer}/${index}/${key}`, message: `${key} ${value} comes twice` });
    }
    seen.add(value);
  }
}
