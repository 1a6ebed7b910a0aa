import { decodeSense } from '../../../src/scsi/sense.ts';
import { OperationCode } from '../../../src/scsi/command.ts';
import type { LogEntry, SimulatedDevice } from '../../../src/simulator/simulated-device.ts';
import type { CommandOutcome } from '../../../src/transport/transport.ts';
import { isFailure } from '../../../src/run/outcome.ts';
import { playOf } from './builders.ts';
import { faultOf } from './fault-cells.ts';
import type { Cell } from './fault-cells.ts';
import { runLab } from './lab-run.ts';
import type { LabRunEnd } from './lab-run.ts';

const TARGET = '2.10';

/** What really happened in one cell, beside what was said about it. */
export interface Found {
  readonly end: LabRunEnd;
  readonly device: SimulatedDevice;
  /** Positions in the log at which runbook said that it starts again. */
  readonly restarts: readonly number[];
  /** Images that waited in the device when mode 0Fh came. */
  readonly waitingAtActivation: readonly number[];
  /** Chunks that came while the device ran the target already. */
  readonly overNewCode: number;
}

export async function runCell(cell: Cell): Promise<Found> {
  const restarts: number[] = [];
  const waitingAtActivation: number[] = [];
  let overNewCode = 0;
  const { mode } = cell;
  const play = playOf({
    download: [mode.section],
    activate: mode.name === '0Eh' ? [{ step: 'activate_mc' }] : [],
    verify: {
      revision: TARGET,
      unchanged: false,
      aliases: {},
      witness: null,
      paths: 'same',
      withinMs: 15_000,
    },
    ...(mode.persona === 'disk' && {
      match: { type: 'disk', deviceType: 0, vendor: 'LAB', product: 'DISK' } as const,
    }),
  });
  const end = await runLab({
    devices: [{ persona: mode.persona }],
    plays: [play],
    faults: { 0: [faultOf(cell)] },
    prepare: ([device]) =>
      device!.putInFront((command) => {
        if (!isWriteBuffer(command)) return undefined;
        if (isActivation(command)) waitingAtActivation.push(device!.microcode.waiting.size);
        else if (device!.microcode.running.revision === TARGET) overNewCode++;
        return undefined;
      }),
    onEvent: (event, _stop, [device]) => {
      if (event.type === 'notice' && /again from offset 0/.test(event.message))
        restarts.push(device!.log.length);
    },
  });
  return { end, device: end.devices[0]!, restarts, waitingAtActivation, overNewCode };
}

type Command = Pick<LogEntry, 'cdb'>;
const isWriteBuffer = ({ cdb }: Command): boolean => cdb[0] === OperationCode.writeBuffer;
const isActivation = (command: Command): boolean =>
  isWriteBuffer(command) && (command.cdb[1]! & 0x1f) === 0x0f;
const offsetOf = ({ cdb }: Command): number => (cdb[3]! << 16) | (cdb[4]! << 8) | cdb[5]!;

/** What an answer says about its command: a second reading of rules.md section 3, on purpose not that of `judge`. */
type Told = 'done' | 'not executed' | 'no' | 'unknown';

const NOT_EXECUTED_HOST = [0x02, 0x0c, 0x0d, 0x0f];
const NO_HOST = [0x09, 0x10, 0x11, 0x12, 0x13];

function toldBy({ outcome }: LogEntry): Told {
  const { errno, hostStatus, driverStatus, status, residualBytes } = outcome;
  if (errno !== 0) return 'unknown';
  if (NOT_EXECUTED_HOST.includes(hostStatus)) return 'not executed';
  if (NO_HOST.includes(hostStatus)) return 'no';
  if (hostStatus !== 0 && hostStatus !== 0x0a) return 'unknown';
  if (outcome.sense.length > 0) return toldBySense(outcome);
  if (driverStatus !== 0) return 'unknown';
  if (status === 0x08 || status === 0x28) return 'not executed';
  if (status === 0x18 || status === 0x30) return 'no';
  if (status !== 0) return 'unknown';
  return residualBytes > 0 ? 'no' : 'done';
}

function toldBySense(outcome: CommandOutcome): Told {
  const sense = decodeSense(outcome.sense);
  if (sense === null) return 'unknown';
  const { key, asc, ascq, deferred } = sense;
  if (deferred) return 'no';
  if (asc === 0x74 || (asc === 0x0b && ascq === 0x13)) return 'no';
  if (asc === 0x55 && (key === 5 || key === 0xb)) return 'not executed';
  if (key === 0xb || asc === 0x08) return 'unknown';
  if (asc === 0x35 && (ascq === 3 || ascq === 5)) return 'unknown';
  if (key <= 1) return 'done';
  if (key === 6 || key === 2) return 'not executed';
  return asc === 0x5e || (asc === 0x35 && ascq === 2) ? 'not executed' : 'no';
}

/** The chunks of each sequence; runbook itself says where a new one begins. */
function sequencesOf({ device, restarts }: Found): LogEntry[][] {
  const sequences: LogEntry[][] = [[]];
  for (const [index, entry] of device.log.entries()) {
    if (restarts.includes(index)) sequences.push([]);
    if (isWriteBuffer(entry) && !isActivation(entry)) sequences.at(-1)!.push(entry);
  }
  return sequences;
}

/** What is wrong with what was said and done; empty: nothing. */
export function wrongs(found: Found): string[] {
  return [...wrongWords(found), ...wrongChunks(found), ...wrongActivations(found)];
}

/** The verdict against what the device really has. */
function wrongWords({ end, device, restarts }: Found): string[] {
  const { outcome, reason } = end.results[0]!;
  const { running, waiting } = device.microcode;
  const runsTarget = running.revision === TARGET;
  const isNo = (isFailure(outcome) && outcome !== 'frozen') || outcome === 'pending';
  // A device that says "not executed" and lies cannot be guarded against.
  const taken = device.log.some(
    (entry) => isWriteBuffer(entry) && entry.executed && toldBy(entry) !== 'not executed',
  );
  const wrong = end.bugs.map((bug) => `bug: ${String(bug)}`);
  if (outcome === 'updated' && !runsTarget) wrong.push('FALSE SUCCESS');
  if (isNo && runsTarget) wrong.push(`FALSE FAILURE: ${outcome}, ${reason ?? ''}`);
  if (outcome === 'pending' && waiting.size === 0) wrong.push('pending, but nothing waits');
  if ((outcome === 'refused' || outcome === 'skipped') && taken)
    wrong.push(`${outcome}, but a chunk was taken`);
  if (restarts.length > 1) wrong.push(`restarted ${restarts.length} times`);
  return wrong;
}

function wrongChunks(found: Found): string[] {
  const wrong: string[] = [];
  const sequences = sequencesOf(found);
  for (const sequence of sequences) {
    for (const [index, entry] of sequence.entries()) {
      const before = sequence.slice(0, index).filter((other) => offsetOf(other) === offsetOf(entry));
      if (before.some((other) => toldBy(other) !== 'not executed'))
        wrong.push(`SENT TWICE: ${offsetOf(entry)}`);
    }
  }
  const lies = sequences.flat().some((entry) => entry.executed && toldBy(entry) === 'not executed');
  if (found.overNewCode > 0 && !lies) wrong.push('SENT OVER NEW CODE');
  return wrong;
}

function wrongActivations(found: Found): string[] {
  const activations = found.device.log.filter(isActivation);
  if (activations.length === 0) return [];
  const wrong: string[] = [];
  // The last answer for each offset counts. Only for the end of the image may the device itself make up for it.
  const answers = new Map(
    sequencesOf(found)
      .at(-1)!
      .map((entry) => [offsetOf(entry), toldBy(entry)]),
  );
  const end = Math.max(...answers.keys());
  for (const [offset, told] of answers) {
    const confirmed = offset === end && told !== 'no' && found.waitingAtActivation[0]! > 0;
    if (told !== 'done' && !confirmed) wrong.push(`ACTIVATED AFTER AN ERROR at ${offset}: ${told}`);
  }
  for (const entry of activations.slice(0, -1)) {
    if (toldBy(entry) !== 'not executed') wrong.push('ACTIVATED TWICE');
  }
  return wrong;
}
