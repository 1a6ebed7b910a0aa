import { existsSync } from 'node:fs';
import path from 'node:path';
import { shownText } from '../../base/bytes.ts';
import { refusal, type Refusal } from '../../base/refusal.ts';
import { causeText } from '../../base/errno.ts';
import { readCapabilities } from '../../device/capabilities.ts';
import { Device } from '../../device/device.ts';
import { valueOf } from '../../base/facts.ts';
import { readFact } from '../../device/fact.ts';
import { identify, type Identification } from '../../device/identity.ts';
import type { Host } from '../../host/host.ts';
import { diagnosticOfFile, hasErrors } from '../../playbook/diagnostics.ts';
import { parseSize } from '../../base/units.ts';
import { doubtOf } from '../../firmware/foreign.ts';
import { ImageSource } from '../../playbook/image-source.ts';
import { loadPlaybook } from '../../playbook/playbook.ts';
import { resolvePlaybook } from '../../playbook/resolve.ts';
import { createPlaybook } from '../../playbook/save-playbook.ts';
import { writePlaybook, type DraftDownload } from '../../playbook/write-playbook.ts';
import { documentOf } from '../../report/documents.ts';
import { failureText } from '../../report/failure-text.ts';
import { modelText } from '../../report/quantities.ts';
import { inspect, type DeviceFacts } from '../../run/facts/inspect.ts';
import { isNamed, namesOn } from '../../run/facts/device-name.ts';
import { nodeOf } from '../../run/facts/nodes.ts';
import { exitOf } from '../../run/facts/outcome.ts';
import { WRITE_BUFFER_MODES } from '../../scsi/write-buffer.ts';
import { receiveDiagnosticResults } from '../../ses/receive-diagnostic-results.ts';
import { supportedDiagnosticPages } from '../../ses/supported-diagnostic-pages.ts';
import type { Answer, CommonOptions } from '../answer.ts';
import { draftDownload } from '../draft-download.ts';
import { InvalidFiles } from '../invalid-files.ts';
import { inkOf, type Io } from '../io.ts';
import { openHost, type OpenedHost } from '../open-host.ts';
import { placeAdvice } from '../place-advice.ts';
import { UsageError } from '../usage-error.ts';
import { MATCH_TYPES } from '../../playbook/resolved.ts';
import { DeviceType, deviceTypeName } from '../../scsi/device-type.ts';

export interface InitOptions extends CommonOptions {
  readonly device: string;
  readonly firmware: string;
  /** Inside a package; null: the file is the image. */
  readonly member: string | null;
  /** A vendor's header in front of the image: its size, or its name; null: none. */
  readonly strip: string | null;
  /** The file is meant, whatever it looks like. */
  readonly verbatim: boolean;
  /** What the device will show afterwards. */
  readonly revision: string;
  /** null: stdout. */
  readonly out: string | null;
}

const ATA_INFORMATION = 0x89;

/** `runbook init`: a playbook from what a device says about itself. Changes no device, and no file that is there. */
export async function init(options: InitOptions, io: Io): Promise<Answer> {
  const opened = await openHost(options, { opensDevices: true });
  try {
    const { unit, alike } = await findNamed(opened, options.device);
    const asked = unit.problem === null ? await ask(opened, unit) : null;
    const problem = unit.problem ?? whyNot(unit, asked!, options.revision);
    if (problem !== null) return refused(problem, options, io);
    const text = await draft(unit, { ...options, ...asked!, alike, opened });
    if (options.out !== null) await write(options.out, text);
    const exit = exitOf('OK');
    return {
      exit,
      document: documentOf('runbook.init/1', 'init', exit, {
        body: { file: options.out, playbook: text, device: unit.id },
      }),
      text:
        options.out === null
          ? text
          : `${options.out}: written; read it, then: runbook validate ${options.out}\n`,
      isFile: options.out === null,
    };
  } finally {
    await opened.close();
  }
}

interface Asked {
  readonly identification: Identification;
  readonly download: DraftDownload;
}

async function findNamed(
  { host, clock }: OpenedHost,
  name: string,
): Promise<{ readonly unit: DeviceFacts; readonly alike: number }> {
  const types = new Set((await host.discover()).map(({ deviceType }) => deviceType));
  const units = await inspect(host, types, clock);
  const [asked] = await namesOn(host, [name]);
  const named = units.filter((unit) => isNamed(unit, asked!));
  const [unit] = named;
  if (unit === undefined)
    throw new UsageError(`there is no device ${name}`, 'See the devices of this host: runbook devices');
  if (named.length > 1) {
    const ids = named.map(nodeOf).join(', ');
    throw new UsageError(`${name} is the name of ${named.length} devices`, `Name one of ${ids}.`);
  }
  const alike = units.filter(
    ({ deviceType, vendor, product }) =>
      deviceType === unit.deviceType && vendor === unit.vendor && product === unit.product,
  ).length;
  return { unit, alike };
}

/** INQUIRY, VPD, operation codes and the list of diagnostic pages: nothing that a device answers just once. */
async function ask(
  { host, clock }: { host: Host; clock: OpenedHost['clock'] },
  unit: DeviceFacts,
): Promise<Asked> {
  const transport = await host.open(unit.paths[0]!, 'read');
  const device = new Device(transport, { clock, find: () => Promise.resolve(null) });
  try {
    const identification = await identify(device);
    const { vpdPages } = identification;
    const modes = Object.values(WRITE_BUFFER_MODES);
    const said = await readCapabilities(device, { vpdPages, modes, bufferId: 0 });
    const pages =
      unit.deviceType === DeviceType.enclosure
        ? valueOf(await readFact(device, receiveDiagnosticResults(supportedDiagnosticPages)))
        : null;
    return { identification, download: draftDownload(said, pages ?? []) };
  } finally {
    await device.close();
  }
}

function whyNot(unit: DeviceFacts, { identification }: Asked, revision: string): Refusal | null {
  const what = modelText(unit);
  if (!(MATCH_TYPES as readonly string[]).includes(deviceTypeName(unit.deviceType)))
    return refusal('type-not-supported', { product: what });
  if (unit.vendor === 'ATA' || valueOf(identification.vpdPages)?.includes(ATA_INFORMATION) === true) {
    return { ...refusal('sata-drive'), message: `${what} ${refusal('sata-drive').message}` };
  }
  if (unit.revision === revision.trimEnd()) {
    return refusal('at-target', { product: what, revision: unit.revision });
  }
  return null;
}

async function draft(
  unit: DeviceFacts,
  parts: InitOptions & Asked & { readonly alike: number; readonly opened: OpenedHost },
): Promise<string> {
  const { firmware, member, verbatim, revision, out, download, alike, opened } = parts;
  const strip = parts.strip === null ? null : (parseSize(parts.strip) ?? parts.strip);
  const { labImages } = opened;
  const directory = out === null ? process.cwd() : path.dirname(path.resolve(out));
  const inLab = !existsSync(firmware) && labImages?.has(firmware) === true;
  const file = inLab ? firmware : path.relative(directory, path.resolve(firmware));
  const images = new ImageSource(directory, labImages ?? null);
  const answer = await images.get({ file, member, strip, sha256: null, isVerbatim: verbatim });
  if ('problem' in answer) {
    const { code, message, hint, key } = answer.problem;
    const next =
      code === 'image-package' && key === 'file'
        ? hint?.replace('member:', '--member:')
        : hint?.replace('write is: verbatim beside it', 'add --verbatim');
    throw new InvalidFiles([diagnosticOfFile(firmware, { code, message, hint: next ?? null })]);
  }
  const { identity } = unit;
  const id = identity?.logicalUnit ?? null;
  const text = writePlaybook({
    notes: [...notesOf(unit), ...doubtIn(answer.image.bytes, verbatim)],
    match: {
      type: deviceTypeName(unit.deviceType),
      vendor: unit.vendor,
      product: unit.product,
      revision: unit.revision,
      identity:
        id === null && identity !== null ? (identity.serialNumber ?? identity.designators[0] ?? null) : null,
    },
    units: id === null ? 1 : alike,
    firmware: { file, member, strip, isVerbatim: verbatim, sha256: answer.image.sha256, revision },
    download,
  });
  await mustValidate(out ?? 'the new playbook', text, directory, labImages);
  return text;
}

function notesOf({ vendor, product, revision, id, identity, paths }: DeviceFacts): readonly string[] {
  const serial = shownText(identity?.serialNumber ?? '');
  return [
    `Made by runbook init from what one device reports about itself: ${modelText({ vendor, product })}, revision ${revision},`,
    `${id}${serial === '' ? '' : `, serial number ${serial}`}, ${paths.map(({ sgNode }) => sgNode).join(' and ')}.`,
  ];
}

function doubtIn(image: Uint8Array, isMeant: boolean): readonly string[] {
  const doubt = isMeant ? null : doubtOf(image);
  return doubt === null ? [] : [`Is this the firmware? The image ${doubt}.`];
}

/** What a device shows may be more than a playbook can say: then there is none. */
async function mustValidate(
  file: string,
  text: string,
  directory: string,
  labImages: ReadonlyMap<string, Uint8Array> | undefined,
): Promise<void> {
  const { playbook, diagnostics } = loadPlaybook(file, text);
  if (playbook === null) throw new InvalidFiles(diagnostics);
  const resolution = await resolvePlaybook(playbook, {
    directory,
    ...(labImages === undefined ? {} : { labImages }),
  });
  if (hasErrors(resolution.diagnostics)) throw new InvalidFiles(resolution.diagnostics);
}

async function write(out: string, text: string): Promise<void> {
  try {
    await createPlaybook(out, text);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw new UsageError(`--out ${out}: already exists`, 'Name a new file.');
    throw new UsageError(`--out ${out}: cannot be written: ${causeText(error)}`, placeAdvice(error));
  }
}

function refused(failure: Refusal, options: InitOptions, io: Io): Answer {
  const exit = exitOf('REFUSED');
  const ink = inkOf(io.stderr, io.env, options.color);
  return {
    exit,
    document: documentOf('runbook.error/1', 'init', exit, { error: failure }),
    text: '',
    notes: failureText(failure, ink),
  };
}
