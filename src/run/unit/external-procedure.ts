import { shownText } from '../../base/bytes.ts';
import { RunbookError } from '../../base/errors.ts';
import { refusal } from '../../base/refusal.ts';
import type { SentEnd } from '../../microcode/passes.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { Device } from '../../device/device.ts';
import type { AttachedDevice, Host, ProgramResult } from '../../host/host.ts';
import { activateMicrocode } from '../../microcode/write-buffer/activation.ts';
import { saysItWaits } from '../../microcode/deferred-image.ts';
import type { ResolvedExternalSection } from '../../playbook/resolved.ts';
import { MICROCODE_EVENTS } from '../../scsi/microcode-event.ts';
import { LAST_TIMEOUT_MS, NOTHING_SENT } from './procedure.ts';
import type { DownloadHooks, SectionProcedure, SentImage } from './procedure.ts';
import { shownRevision } from './shown-revision.ts';
import type { PlannedUnit } from '../guards/world.ts';
import { NOTHING_SAID } from '../../microcode/last-word.ts';

/** Where the vendor's program runs. */
export interface ProgramHost {
  readonly host: Host;
  /** Where the device is now. */
  readonly path: () => AttachedDevice;
  /** Of the lock that is held on it. */
  readonly lockDescriptors: () => readonly number[];
}

/**
 * `via: external`: the program of the vendor does what runbook does not know. The unit is checked before and locked meanwhile; what
 * the program says of itself is not a verdict, the fresh read behind it is. An error of it is kept in the record.
 */
export function prepareExternal(
  section: ResolvedExternalSection,
  unit: PlannedUnit,
  program: ProgramHost,
): SectionProcedure {
  return {
    size: { bytes: 0, chunks: 0 },
    endsDeferred: false,
    activatedWith: 'WRITE BUFFER',
    shownRevision: (now) => shownRevision(now, 0),
    clear: () => Promise.resolve(null),
    settle: () => Promise.resolve(NOTHING_SAID),
    earlierDownload: () => Promise.resolve({ kind: 'nothing' }),
    download: (now, hooks) => runProgram(now, section, unit, program, hooks),
    activate: (now, waitMs) => activateMicrocode(now, { timeoutMs: LAST_TIMEOUT_MS, waitMs }),
    unreachableMs: () => 0,
    completeVerification: (_now, seen) => Promise.resolve(seen),
    lastWord: () => Promise.resolve(NOTHING_SAID),
  };
}

async function runProgram(
  device: Device,
  { argv, withinMs, image, source }: ResolvedExternalSection,
  { facts, play }: PlannedUnit,
  { host, path, lockDescriptors }: ProgramHost,
  { onWaiting, onNotice }: DownloadHooks,
): Promise<SentImage> {
  const [program] = argv;
  const at = path();
  onWaiting(`the program ${program!}`, withinMs);
  // The program needs the node for itself; the lock of the unit stays.
  await device.close();
  let result: ProgramResult;
  try {
    result = await host.run(argv, withinMs, {
      device: at,
      image: { name: (source.member ?? source.file).split(/[/!]/).at(-1)!, bytes: image },
      lockDescriptors: lockDescriptors(),
      environment: {
        RUNBOOK_NODE: at.sgNode ?? '',
        RUNBOOK_HCTL: at.hctl,
        RUNBOOK_SAS_ADDRESS: at.sasAddress ?? '',
        RUNBOOK_ID: facts.id,
        RUNBOOK_SERIAL: shownText(facts.identity?.serialNumber ?? ''),
        RUNBOOK_PRODUCT: facts.product,
        RUNBOOK_BEFORE: facts.revision,
        RUNBOOK_TARGET: play.verify.revision,
      },
    });
  } catch (error) {
    if (!(error instanceof RunbookError)) throw error;
    await device.reopen();
    return endedBy({ kind: 'refused', failure: refusal('program-missing', { what: error.message }) });
  }
  // Not there yet is not a failure: verification looks for it until its time is over.
  await device.reopen();
  if (result.output.trim() !== '') onNotice(`${program!}: ${result.output.trim()}`);
  if (result.timedOut) return endedBy({ kind: 'unclear', failure: timedOut(program!, withinMs) });
  if (result.exitCode !== 0) {
    const values = { program: argv.join(' '), status: result.exitCode };
    const next = 'Read what it said: runbook history RUN.';
    return endedBy({ kind: 'failed', failure: refusal('program-failed', values, { next }) });
  }
  const waits = await saysItWaits(device);
  return {
    ...endedBy({ kind: 'complete', failure: null }),
    deferred: waits,
    waitsFor: waits ? MICROCODE_EVENTS : [],
  };
}

const timedOut = (program: string, withinMs: number): Refusal =>
  refusal('program-too-slow', { program, seconds: withinMs / 1000 });

/** What it sent, and whether the device took it, is the program's own knowledge: what it says of itself is its exit status. */
const endedBy = (end: SentEnd): SentImage => ({
  ...NOTHING_SENT,
  ...end,
  acceptance: end.kind === 'complete' ? 'accepted' : 'not-accepted',
  mayRun: end.kind !== 'refused',
});
