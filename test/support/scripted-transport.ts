import { toHex } from '../../src/base/bytes.ts';
import { VirtualClock } from '../../src/base/clock.ts';
import { Device } from '../../src/device/device.ts';
import { OperationCode } from '../../src/scsi/command.ts';
import type { ScsiCommand } from '../../src/scsi/command.ts';
import { encodeStandardInquiry } from '../../src/scsi/inquiry.ts';
import type { StandardInquiry } from '../../src/scsi/inquiry.ts';
import { encodeFixedSense, senseCode } from '../../src/scsi/sense.ts';
import type { Sense, SenseFields } from '../../src/scsi/sense.ts';
import type { CommandOutcome, Transport } from '../../src/transport/transport.ts';
import { outcomeOf } from '../../src/transport/transport.ts';

/** `good`, `5/24/00`, `deferred 5/24/00`, `host 3`, `driver 6`, `status 8`, `errno 5`, `residual 16`; or an outcome. */
export type Answer = string | CommandOutcome;

/** Answers per command, taken in order; where a list has ended, or is not there, GOOD. */
export interface Script {
  readonly writeBuffer?: readonly Answer[];
  readonly testUnitReady?: readonly Answer[];
  readonly requestSense?: readonly Answer[];
  readonly startStopUnit?: readonly Answer[];
  /** Revisions that INQUIRY shows, in order; the last one stays. Also an answer like the others. */
  readonly inquiry?: readonly Answer[];
}

/** A device that answers what the script says, and remembers what it was sent. */
export class ScriptedTransport implements Transport {
  /** WRITE BUFFER as its CDB in hex, the others by name. */
  readonly log: string[] = [];
  readonly #left: Record<keyof Script, Answer[]>;
  #revision: Answer = '2.08';
  closed = false;

  constructor({
    writeBuffer = [],
    testUnitReady = [],
    requestSense = [],
    startStopUnit = [],
    inquiry = [],
  }: Script) {
    this.#left = {
      writeBuffer: [...writeBuffer],
      testUnitReady: [...testUnitReady],
      requestSense: [...requestSense],
      startStopUnit: [...startStopUnit],
      inquiry: [...inquiry],
    };
  }

  execute(command: ScsiCommand): Promise<CommandOutcome> {
    switch (command.cdb[0]) {
      case OperationCode.writeBuffer:
        this.log.push(toHex(command.cdb));
        return Promise.resolve(outcomeFor(this.#left.writeBuffer.shift() ?? 'good'));
      case OperationCode.testUnitReady:
        this.log.push('TEST UNIT READY');
        return Promise.resolve(outcomeFor(this.#left.testUnitReady.shift() ?? 'good'));
      case OperationCode.requestSense:
        this.log.push('REQUEST SENSE');
        return Promise.resolve(dataOf(this.#left.requestSense.shift() ?? '0/00/00'));
      case OperationCode.startStopUnit:
        this.log.push('START STOP UNIT');
        return Promise.resolve(outcomeFor(this.#left.startStopUnit.shift() ?? 'good'));
      case OperationCode.inquiry:
        this.log.push(command.name);
        return Promise.resolve(this.#inquiry(command));
      default:
        throw new Error(`the script knows nothing of ${command.name}`);
    }
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }

  /** WRITE BUFFER commands alone. */
  get sent(): string[] {
    return this.log.filter((line) => line.startsWith('3b'));
  }

  #inquiry({ cdb }: ScsiCommand): CommandOutcome {
    // No VPD pages: such a unit is known by its place alone.
    if ((cdb[1]! & 1) === 1) return outcomeFor('5/24/00');
    this.#revision = this.#left.inquiry.shift() ?? this.#revision;
    if (typeof this.#revision !== 'string' || / |\//.test(this.#revision)) return outcomeFor(this.#revision);
    return outcomeOf({ dataIn: inquiryData(this.#revision) });
  }
}

/** A device on a script, with a clock that does not wait. `find` opens the same script again. */
export function scripted(script: Script): {
  readonly device: Device;
  readonly transport: ScriptedTransport;
  readonly clock: VirtualClock;
  readonly attentions: string[];
} {
  const transport = new ScriptedTransport(script);
  const clock = new VirtualClock();
  const attentions: string[] = [];
  const device = new Device(transport, {
    clock,
    find: () => Promise.resolve(transport),
    onUnitAttention: (sense: Sense) => attentions.push(senseCode(sense)),
  });
  return { device, transport, clock, attentions };
}

export function outcomeFor(answer: Answer): CommandOutcome {
  if (typeof answer !== 'string') return answer;
  if (answer === 'good') return outcomeOf();
  const [what = '', value = ''] = answer.split(' ');
  const number = Number(value);
  switch (what) {
    case 'host':
      return outcomeOf({ hostStatus: number });
    case 'driver':
      return outcomeOf({ driverStatus: number });
    case 'status':
      return outcomeOf({ status: number });
    case 'errno':
      return outcomeOf({ errno: number });
    case 'residual':
      return outcomeOf({ residualBytes: number });
    case 'deferred':
      return checkCondition({ ...fieldsOf(value), deferred: true });
    default:
      return checkCondition(fieldsOf(what));
  }
}

export function checkCondition(fields: SenseFields): CommandOutcome {
  return outcomeOf({ status: 2, driverStatus: 8, sense: encodeFixedSense(fields) });
}

function fieldsOf(code: string): SenseFields {
  const [key = 0, asc = 0, ascq = 0] = code.split('/').map((part) => Number.parseInt(part, 16));
  return { key, asc, ascq };
}

/** REQUEST SENSE answers with sense data as data, and GOOD. */
function dataOf(answer: Answer): CommandOutcome {
  if (typeof answer !== 'string' || !answer.includes('/')) return outcomeFor(answer);
  return outcomeOf({ dataIn: encodeFixedSense(fieldsOf(answer)) });
}

/** Of an HP SAS Expander Card, where nothing else is said. */
export function inquiryData(revision: string, fields: Partial<StandardInquiry> = {}): Uint8Array {
  return encodeStandardInquiry({
    peripheralQualifier: 0,
    deviceType: 0x0d,
    removable: false,
    version: 5,
    responseDataFormat: 2,
    storageArrayController: false,
    targetPortGroupSupport: 0,
    commandQueue: false,
    vendor: 'HP',
    product: 'HP SAS EXP Card',
    revision,
    encServ: false,
    multiPort: false,
    protect: false,
    vendorSpecific: '',
    ...fields,
  });
}
