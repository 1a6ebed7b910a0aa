import type { AttachedDevice } from '../../host/host.ts';
import { createLinuxHost } from '../../host/linux-host.ts';
import { documentOf } from '../../report/documents.ts';
import { isNamed, namesOn, writtenName, type Named } from '../../run/facts/device-name.ts';
import { exitOf } from '../../run/facts/outcome.ts';
import { labState } from '../../simulator/lab-state.ts';
import { writeLabState } from '../../simulator/lab-state-file.ts';
import type { ServedUnitStatus } from '../../served-lab/control.ts';
import { statusOf } from '../../served-lab/lab-session.ts';
import { ServedError } from '../../served-lab/served-error.ts';
import type { Answer, CommonOptions } from '../answer.ts';
import { openLab } from '../lab.ts';
import { refuseHostOptions, servedFailure, unitLine } from '../served-answers.ts';
import { ask, servedLabs, type FoundLab } from '../served-labs.ts';
import { UsageError } from '../usage-error.ts';

const COMMAND = 'lab power-cycle';

/**
 * `runbook lab power-cycle [DEVICE]`: off and on again, for one device or for all: of the labs that are up, or of the one
 * of `--lab` and `--lab-state`. A kernel is told nothing.
 */
export async function labPowerCycle(device: string | undefined, options: CommonOptions): Promise<Answer> {
  const { lab } = options;
  if (lab === undefined) refuseHostOptions(options);
  try {
    const units =
      lab === undefined ? await cycleServed(device) : await cycleFile(lab, { ...options, named: device });
    const exit = exitOf('OK');
    return {
      exit,
      document: documentOf('runbook.lab/1', COMMAND, exit, { body: { units } }),
      text: units.map((unit) => `${unitLine(unit)}\n`).join(''),
    };
  } catch (error) {
    if (!(error instanceof ServedError)) throw error;
    return servedFailure(COMMAND, error);
  }
}

async function cycleServed(named: string | undefined): Promise<ServedUnitStatus[]> {
  const units: ServedUnitStatus[] = [];
  for (const lab of await servedLabs()) {
    const nodes = named === undefined ? null : await nodesNamed(lab, named);
    if (nodes?.length === 0) continue;
    const reply = await ask(lab, { ask: 'power-cycle', nodes });
    if (reply?.ok === true) units.push(...reply.units);
  }
  if (units.length > 0) return units;
  throw named === undefined
    ? new ServedError('not-up', 'no lab is up', 'Bring one up: runbook lab up LAB.yml')
    : new ServedError('not-up', `no lab that is up has a device ${named}`, 'See: runbook lab status');
}

/** Nodes of the units of a lab that have this name, as the running kernel and the devices know it. */
async function nodesNamed(lab: FoundLab, text: string): Promise<string[]> {
  const reply = await ask(lab, { ask: 'status' });
  if (reply?.ok !== true) return [];
  const host = createLinuxHost();
  const attached = await host.discover();
  const [name] = await namesOn(host, [text]);
  return reply.units
    .filter((unit) =>
      isNamed(
        asNamed(
          unit,
          attached.find(({ hctl }) => hctl === unit.hctl),
        ),
        name!,
      ),
    )
    .map(({ sgNode }) => sgNode);
}

/** A unit of a lab as the one resolver of names takes it. */
function asNamed({ id, serial, sgNode, hctl }: ServedUnitStatus, path: Partial<AttachedDevice> = {}): Named {
  const { blockNode = null, wwid = null, sasAddress = null } = path;
  return {
    id,
    identity: { logicalUnit: id, designators: [id], serialNumber: serial },
    enclosures: null,
    paths: [{ hctl, sgNode, blockNode, wwid, sasAddress }],
  };
}

/** The devices of a file live in the file that keeps their state. */
async function cycleFile(
  file: string,
  options: CommonOptions & { readonly named: string | undefined },
): Promise<ServedUnitStatus[]> {
  const { labState: stateFile, named } = options;
  if (stateFile === undefined) {
    throw new UsageError(
      'without --lab-state a lab starts from its file at each command: there is nothing to power-cycle',
      'Keep it between commands: --lab-state FILE.',
    );
  }
  const { host } = await openLab(file, options);
  const units = (await host.discover()).flatMap((path) => {
    const { sgNode, hctl } = path;
    const device = host.devices.find(({ ports }) => ports.has(hctl));
    return sgNode === null || device === undefined ? [] : [{ sgNode, hctl, device, path }];
  });
  const name = named === undefined ? null : writtenName(named);
  const chosen = units.filter((unit) => name === null || isNamed(asNamed(statusOf(unit), unit.path), name));
  if (chosen.length === 0) {
    throw new ServedError('not-up', `${file} has no device ${named ?? ''}`, 'See: runbook devices');
  }
  for (const device of new Set(chosen.map(({ device }) => device))) device.powerCycle();
  await writeLabState(stateFile, labState(host.devices));
  return chosen.map(statusOf);
}
