import { failureOf, judge } from '../../device/judge.ts';
import type { Judgement } from '../../device/judge.ts';
import { isInternalFailure, tellsOfNewCode } from '../../device/sense-table.ts';
import { isSequenceError } from '../../microcode/activation-end.ts';
import { refusalByStatus } from '../../microcode/ses/status.ts';
import { DecodeError } from '../../base/errors.ts';
import { OperationCode } from '../../scsi/command.ts';
import type { MicrocodePart, ScsiCommand } from '../../scsi/command.ts';
import type { MicrocodeEvent } from '../../scsi/microcode-event.ts';
import { downloadMicrocodeStatus } from '../../ses/download-microcode-status.ts';
import type { SubenclosureMicrocodeStatus } from '../../ses/download-microcode-status.ts';
import { microcodeStatusFacts } from '../../ses/microcode-status.ts';
import { decodeReceiveDiagnosticResultsCdb } from '../../ses/receive-diagnostic-results.ts';
import type { CommandOutcome } from '../../transport/transport.ts';
import type { DeviceState, KeptAnswer } from '../records/journal-entry.ts';

/** The last command that changed the unit. */
export interface InFlight {
  readonly sends: MicrocodePart;
  /** null: a chunk in the middle. */
  readonly state: DeviceState | null;
  /** BUFFER OFFSET of the first byte of its image. */
  readonly startBytes: number;
}

/** What an answer decides. `received`: page 0Eh says that the image is good, and what starts it. */
export type Decided =
  | ({ readonly kind: 'answer' } & KeptAnswer)
  | { readonly kind: 'activated' }
  | { readonly kind: 'received'; readonly startsAt: readonly MicrocodeEvent[] };

/** From here on (SES) a status says nothing about events. */
const LAST_KNOWN_STATUS = 0x13;
const NOTHING_WAITED = 0x85;

/**
 * Is this an answer by which a later look has to judge what was sent? null: no. The procedures decide the same of the same answers, and
 * may send more before they do.
 *
 * @param ours subenclosures that the download sends to
 */
export function decidedBy(
  command: ScsiCommand,
  outcome: CommandOutcome,
  inFlight: InFlight,
  ours: ReadonlySet<number | null>,
): Decided | null {
  const isEnd = inFlight.state === 'last-chunk' || inFlight.state === 'activation';
  const moment = isEnd ? 'last' : inFlight.state === 'first-chunk' ? 'first' : 'during';
  const judgement = judge(command, outcome, moment);
  const { sends } = command;
  const isData = sends?.kind === 'part' || sends?.kind === 'whole';
  const offset = isData ? sends.offsetBytes - inFlight.startBytes : null;
  const answer = (says: KeptAnswer['says']): Decided => ({
    kind: 'answer',
    says,
    error: failureOf(command, judgement, offset),
  });
  if (isInternalFailure(judgement.sense)) return answer('frozen');
  if (sends === undefined) {
    const entries = judgement.action === 'accept' ? statusesIn(command, outcome) : [];
    return byStatuses(entries, inFlight, ours);
  }
  if (sends.kind === 'abort') return null;
  const isActivation = sends.kind === 'activation';
  switch (judgement.action) {
    case 'accept':
    case 'accept-then-wait':
      return isActivation ? { kind: 'activated' } : null;
    case 'stop':
      return answer(isActivation && isSequenceError(judgement.sense) ? 'nothing-waited' : 'refused');
    default:
      return inFlight.state === 'last-chunk' && saysNotExecuted(judgement) ? answer('denied') : null;
  }
}

function saysNotExecuted({ action, sense }: Judgement): boolean {
  if (action === 'unclear' || action === 'restart') return false;
  return action === 'verify' ? sense !== null && !tellsOfNewCode(sense) : true;
}

/** 83h counts wherever we send to; everything else is about the subenclosure that got the last page. */
function byStatuses(
  entries: readonly SubenclosureMicrocodeStatus[],
  { sends: { subenclosureId }, state }: InFlight,
  ours: ReadonlySet<number | null>,
): Decided | null {
  const bad = entries.find(
    (entry) => ours.has(entry.subenclosureId) && microcodeStatusFacts(entry.status).keepPower,
  );
  if (bad !== undefined) return { kind: 'answer', says: 'frozen', error: refusalByStatus(bad) };
  const entry = entries.find((candidate) => candidate.subenclosureId === subenclosureId);
  if (entry === undefined) return null;
  const { kind, startsAt } = microcodeStatusFacts(entry.status);
  if (kind === 'error') {
    const isVain = state === 'activation' && entry.status === NOTHING_WAITED;
    return { kind: 'answer', says: isVain ? 'nothing-waited' : 'refused', error: refusalByStatus(entry) };
  }
  return kind === 'success' && entry.status <= LAST_KNOWN_STATUS ? { kind: 'received', startsAt } : null;
}

/** Of page 0Eh; empty: it is another command, or an answer that says nothing. */
function statusesIn(
  { cdb }: ScsiCommand,
  { dataIn }: CommandOutcome,
): readonly SubenclosureMicrocodeStatus[] {
  if (cdb[0] !== OperationCode.receiveDiagnosticResults) return [];
  if (decodeReceiveDiagnosticResultsCdb(cdb).pageCode !== downloadMicrocodeStatus.pageCode) return [];
  try {
    return downloadMicrocodeStatus.decode(dataIn).subenclosures;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return [];
  }
}
