import type { LabFile } from '../generated/lab.ts';
import { validateLab } from '../generated/lab-validator.js';
import type { Diagnostic, Problem } from './diagnostics.ts';
import { diagnosticOfFile, hasErrors, sortDiagnostics } from './diagnostics.ts';
import { parseSize } from '../base/units.ts';
import { checkLabDevice, reportTwiceInEnclosure } from './lab-device-checks.ts';
import { deepFreeze, readWords } from './words.ts';
import type { Words } from './words.ts';

/** Text of a lab file to checked words, frozen. Never throws; `lab` is null when there is an error. */
export function loadLabFile(
  file: string,
  text: string,
): { readonly lab: LabFile | null; readonly diagnostics: readonly Diagnostic[] } {
  const { words, diagnostics: found } = readWords(file, text, validateLab, 'lab');
  if (words === null) return { lab: null, diagnostics: sortDiagnostics(found) };
  // Only what the schema cannot say; it reads every part, so the parts must be there.
  if (!hasErrors(found)) checkLab(words.document.value as LabFile, words);
  const diagnostics = sortDiagnostics(found);
  if (hasErrors(diagnostics)) return { lab: null, diagnostics };
  return { lab: deepFreeze(words.document.value as LabFile), diagnostics };
}

/** A mistake that only shows when the lab is made, at its place in the file. */
export function diagnosticInLab(file: string, text: string, problem: Problem): Diagnostic {
  const { words, diagnostics } = readWords(file, text, validateLab, 'lab');
  words?.report(problem);
  return diagnostics.at(-1) ?? diagnosticOfFile(file, problem);
}

/** The largest image that a lab makes: a device with offsets cannot take more. */
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
    if (image.seed !== undefined && image.rule !== 'standard') {
      const message = 'only the rule standard takes a seed';
      report({ code: 'no-effect', path: `${path}/seed`, message, hint: 'write rule: standard' });
    }
    const bytes = image.bytes === undefined ? 1 : parseSize(image.bytes);
    if (bytes === null || bytes < 1 || bytes > MAX_MADE_BYTES) {
      const message = `bytes must be from 1 to ${MAX_MADE_BYTES}, not ${image.bytes ?? ''}`;
      report({ code: 'range', path: `${path}/bytes`, message });
    }
  }
  const entries = <Value>(list: readonly Value[], pointer: string): Placed<Value>[] =>
    list.map((value, index) => [`${pointer}/${index}`, value]);
  const devices = entries(lab.devices, '/devices');
  reportTwice(entries(images, '/images'), 'name', report);
  reportTwice(devices, 'sas-address', report);
  const nodes = devices.flatMap(([at, device]): Placed<{ readonly node?: string }>[] =>
    device.paths === undefined ? [[at, device]] : entries(device.paths, `${at}/paths`),
  );
  reportTwice(nodes, 'node', report);
  reportTwiceInEnclosure(devices, report);
  for (const [at, device] of devices) checkLabDevice(device, at, report);
}

/** A value and its JSON pointer. */
type Placed<Value> = readonly [at: string, value: Value];

function reportTwice<Key extends string>(
  list: readonly Placed<Readonly<Partial<Record<Key, string>>>>[],
  key: Key,
  report: Words['report'],
): void {
  const seen = new Set<string>();
  for (const [at, { [key]: value }] of list) {
    if (value === undefined) continue;
    if (seen.has(value)) {
      report({ code: 'count', path: `${at}/${key}`, message: `${key} ${value} appears twice` });
    }
    seen.add(value);
  }
}
