import type { ScsiCommand } from '../../../../src/scsi/command.ts';
import type { LabImage } from '../../../../src/simulator/incoming-image.ts';
import type { SimulatedDevice } from '../../../../src/simulator/simulated-device.ts';
import type { CommandOutcome } from '../../../../src/transport/transport.ts';
import { outcomeFor } from '../../../support/scripted-transport.ts';
import { IMAGE, playOf } from '../builders.ts';
import { HAPPENS } from './cells.ts';
import type { Cell, Staged } from './cells.ts';
import { meets } from './places.ts';
import { FaultTrace, roleOf } from './trace.ts';
import type { Sent } from './trace.ts';
import { runLab } from '../lab-run.ts';
import type { LabRunEnd } from '../lab-run.ts';
import { BOOT } from './procedures.ts';

export const TARGET = '2.10';
const IMAGES = new Map([
  ['2.08', BOOT],
  [TARGET, IMAGE],
]);
const WITHIN_MS = 15_000;

/** What really happened in one cell, beside what was said about it. */
export interface Found {
  readonly cell: Cell;
  readonly end: LabRunEnd;
  readonly device: SimulatedDevice;
  readonly trace: FaultTrace;
  /** The command of this place came, in `trace.sent` here; null: it never did. */
  readonly metAt: number | null;
  /** What the device ran when the fault was over. */
  readonly ranThen: string;
}

export async function runCell(cell: Cell): Promise<Found> {
  const { persona, match, download, earlier = [], activate } = cell.procedure;
  let trace: FaultTrace | null = null;
  let metAt: number | null = null;
  let ranThen = '';
  const play = playOf({
    match,
    download: [...earlier, download],
    activate,
    verify: {
      revision: TARGET,
      unchanged: false,
      aliases: {},
      witness: null,
      paths: 'same',
      withinMs: WITHIN_MS,
    },
  });
  const end = await runLab({
    devices: [{ persona }],
    images: IMAGES,
    plays: [play],
    prepare: ([device]) => {
      trace = new FaultTrace(device!, TARGET);
      device!.putInFront((command, _device, nexus) => {
        if (cell.staged !== undefined && trace!.sent.some((sent) => stages(sent, cell.staged!)))
          device!.shownRevision = TARGET;
        if (metAt !== null || !meets(cell.place, roleOf(command), trace!.progress)) return undefined;
        metAt = trace!.sent.length;
        const told = answerTo(command, device!, nexus, cell);
        ranThen = device!.microcode.running.revision;
        return told;
      });
    },
    onEvent: (event) => {
      if (event.type === 'notice' && /again from offset 0|fallback .* is used/.test(event.message))
        trace?.restarts.push(trace.sent.length);
    },
  });
  return { cell, end, device: end.devices[0]!, trace: trace!, metAt, ranThen };
}

/** The chunk has reached the device, whatever became of it: its bytes are in the slot whose revision is shown from then on. */
function stages({ as, executed, outcome: { errno, hostStatus } }: Sent, staged: Staged): boolean {
  if (as.role !== 'chunk' || as.bytes === 0) return false;
  const arrived = executed || (errno === 0 && hostStatus === 0);
  return arrived && (staged === 'first chunk' || as.hasAll);
}

/** The device does the command or not, something happens to it, and the initiator is told something else. */
function answerTo(
  command: ScsiCommand,
  device: SimulatedDevice,
  nexus: string,
  { answer, executed, happens }: Cell,
): CommandOutcome {
  const own = executed ? device.perform(command, nexus) : null;
  HAPPENS[happens](device);
  if (own === null) return outcomeFor(answer);
  const told = outcomeFor(answer);
  if (answer === 'good') return own;
  const { durationMs } = own;
  if (command.dataInBytes === 0) return { ...told, durationMs };
  // Data come with GOOD and with a recovered error; a short answer lacks the end of the page.
  const isShort = answer.startsWith('residual');
  const delivers = isShort || answer === 'host 10' || (answer.startsWith('1/') && own.status === 0);
  const dataIn = delivers ? own.dataIn.slice(0, own.dataIn.length - told.residualBytes) : told.dataIn;
  return { ...told, dataIn, residualBytes: delivers ? command.dataInBytes - dataIn.length : 0, durationMs };
}

/** Events that make a waiting image run, as `pending` names them; the image itself beside them. */
export function waitingIn({ microcode }: SimulatedDevice): { image: LabImage; events: string[] }[] {
  const names: Readonly<Record<string, string>> = {
    activate: 'activation',
    'hard-reset': 'hard-reset',
    'power-on': 'power-cycle',
  };
  return [...microcode.waiting.values()].map(({ image, events }) => ({
    image,
    events: [...events].map((event) => names[event] ?? event),
  }));
}
