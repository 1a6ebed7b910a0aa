import { VirtualClock } from '../../../src/base/clock.ts';
import { createLinuxHost } from '../../../src/host/linux-host.ts';
import type { Host } from '../../../src/host/host.ts';
import type { ResolvedStrategy } from '../../../src/playbook/resolved.ts';
import { inspect } from '../../../src/run/facts/inspect.ts';
import type { DeviceFacts } from '../../../src/run/facts/inspect.ts';
import { makePlan } from '../../../src/run/plan/plan.ts';
import type { Plan } from '../../../src/run/plan/plan.ts';
import { PERSONAS } from '../../../src/simulator/personas.ts';
import type { PersonaName } from '../../../src/simulator/personas.ts';
import { SimulatedDevice } from '../../../src/simulator/simulated-device.ts';
import { openSimulated } from '../../../src/simulator/simulated-transport.ts';
import type { SysfsTree } from '../../support/sysfs-tree.ts';
import { playbookOf, playOf } from './builders.ts';
import type { PlayFields } from './builders.ts';
import { isModule } from './modules.ts';
import type { ModuleWords } from './modules.ts';

export interface AnsweringNode {
  readonly naa: string;
  readonly persona?: PersonaName;
  readonly revision?: string;
  readonly module?: ModuleWords;
}

/** A play for the shelves and drives of the trees in `test/support/sysfs-machines.ts`. */
export const shelfPlay = (fields: PlayFields = {}): PlayFields => ({
  name: 'shelves',
  ...fields,
  match: { vendor: 'LAB', product: 'SES SHELF', revision: ['0100'], ...fields.match },
});

/**
 * A machine whose sysfs is a tree of files and whose sg nodes answer as simulated devices. Nodes without an entry must not be
 * opened.
 */
export function hostOfTree(
  tree: SysfsTree,
  nodes: Readonly<Record<string, AnsweringNode>>,
  clock = new VirtualClock(),
): Host {
  const devices = new Map(Object.entries(nodes).map(([node, words]) => [node, deviceOf(words, clock)]));
  return createLinuxHost({
    ...tree,
    clock,
    openNode: (node) => {
      const device = devices.get(node.slice(node.lastIndexOf('/') + 1));
      if (device === undefined) throw new Error(`${node} is opened, and nobody asked for it`);
      return Promise.resolve(openSimulated({ device, nexus: node, node }));
    },
  });
}

/** What a look at such a machine finds. */
export async function factsOfTree(
  tree: SysfsTree,
  nodes: Readonly<Record<string, AnsweringNode>>,
  types = new Set([0x0d]),
): Promise<readonly DeviceFacts[]> {
  const clock = new VirtualClock();
  return inspect(hostOfTree(tree, nodes, clock), types, clock);
}

function deviceOf(words: AnsweringNode, clock: VirtualClock): SimulatedDevice {
  const { naa, persona = 'ses-shelf', revision = '0100', module } = words;
  const { vendor, product } = PERSONAS[persona];
  const device = new SimulatedDevice({
    persona: PERSONAS[persona],
    identity: { vendor, product, serial: naa.slice(-4), naa },
    revision,
    images: [],
    clock,
  });
  if (module !== undefined) isModule(device, module);
  return device;
}

export const planOfTree = (
  facts: readonly DeviceFacts[],
  play: PlayFields = shelfPlay(),
  strategy: Partial<ResolvedStrategy> = {},
): Plan => makePlan(playbookOf([playOf(play)], strategy), facts);

/** `/dev/sg1 update: reason or code` of every unit that a play selects. */
export const told = ({ decisions }: Plan): string[] =>
  decisions
    .filter(({ play }) => play !== null)
    .map(
      ({ facts, action, reason, error }) =>
        `${facts.paths.map(({ sgNode }) => sgNode!.slice(sgNode!.lastIndexOf('/') + 1)).join('+')} ${action}: ${error?.code ?? reason}`,
    );
