import type { LabDeviceWords } from '../generated/lab.ts';
import type { Surroundings } from '../host/host.ts';
import { LabError } from './lab-images.ts';
import type { Attachment } from './simulated-place.ts';

/** The words of one device, `count` written out, and the places of the host where it hangs. */
export interface LabUnit {
  readonly words: LabDeviceWords;
  readonly paths: readonly Omit<Attachment, 'device'>[];
}

/** A real SCSI host has other numbers below: the lab's is the number that the field's example shows. */
const LAB_ADAPTER = 6;

/**
 * Every device of a lab with its places: targets count up per adapter, nodes are those that were given, or the next that
 * nobody was given. Throws LabError `bad-device` for a node that is there twice.
 */
export function labUnits(devices: readonly LabDeviceWords[]): LabUnit[] {
  const nodes = freeNodes(devices);
  const surveyed = isSurveyed(devices);
  const targets = new Map<number, number>();
  return devices.flatMap((words) =>
    Array.from({ length: words.count ?? 1 }, (): LabUnit => {
      const paths = (words.paths ?? [words]).map((given): LabUnit['paths'][number] => {
        const { node, adapter = LAB_ADAPTER, driver, behind = null, 'port-address': port } = pathWords(given);
        const target = targets.get(adapter) ?? 0;
        targets.set(adapter, target + 1);
        return {
          hctl: `${adapter}:0:${target}:0`,
          node: `/dev/${node ?? nodes.next()}`,
          ...(port === undefined ? {} : { portAddress: port.slice(2).toLowerCase() }),
          ...(driver === undefined ? {} : { driver }),
          ...(surveyed ? { around: aroundOf(words, behind) } : {}),
        };
      });
      return { words, paths };
    }),
  );
}

type PathWords = NonNullable<LabDeviceWords['paths']>[number];

/** A device without `paths` has one, whose only word is its node. */
const pathWords = (given: PathWords | LabDeviceWords): PathWords =>
  'persona' in given ? (given.node === undefined ? {} : { node: given.node }) : given;

/** A host whose lab says nothing of links and users knows nothing of them; any other one says what it knows of each unit. */
const isSurveyed = (devices: readonly LabDeviceWords[]): boolean =>
  devices.some(
    ({ users, sata, paths = [] }) =>
      users !== undefined || sata !== undefined || paths.some(({ behind }) => behind !== undefined),
  );

const aroundOf = (
  { users = [], sata = false }: LabDeviceWords,
  behind: readonly string[] | null,
): Surroundings => ({
  expanders: behind,
  inSlots: [],
  users,
  isSata: sata,
});

function freeNodes(devices: readonly LabDeviceWords[]): { readonly next: () => string } {
  const taken = new Set<string>();
  for (const { node } of devices.flatMap(
    (words): readonly { readonly node?: string }[] => words.paths ?? [words],
  )) {
    if (node === undefined) continue;
    if (taken.has(node)) throw new LabError('bad-device', `node ${node} is in the lab twice; remove one`);
    taken.add(node);
  }
  let number = 0;
  return {
    next: () => {
      while (taken.has(`sg${number}`)) number++;
      return `sg${number++}`;
    },
  };
}
