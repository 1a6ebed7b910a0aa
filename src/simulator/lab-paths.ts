import type { LabDeviceWords } from '../generated/lab.ts';
import type { Surroundings } from '../host/host.ts';
import { LabError } from './lab-images.ts';
import type { Attachment } from './simulated-node.ts';

/** The words of one device, `count` written out, and the places of the host where it hangs. */
export interface LabUnit {
  readonly words: LabDeviceWords;
  readonly paths: readonly Omit<Attachment, 'device'>[];
}

/** A real SCSI host has other numbers below: the lab's is the number that the field's example shows. */
const LAB_ADAPTER = 6;

/**
 * Every device of a lab with its places: targets count up per adapter, nodes are those that were given, or the next that
 * nobody was given. Throws LabError `bad-device` for a node that is there twice, or a target that is not there.
 */
export function labUnits(devices: readonly LabDeviceWords[]): LabUnit[] {
  const nodes = freeNodes(devices);
  const surveyed = isSurveyed(devices);
  const targets = new Map<number, number>();
  /** Nodes of logical units, and how many their target has. */
  const places = new Map<string, { readonly target: string; luns: number }>();
  return devices.flatMap((words) =>
    Array.from({ length: words.count ?? 1 }, (): LabUnit => {
      const paths = (words.paths ?? [words]).map((given): LabUnit['paths'][number] => {
        const { node, adapter = LAB_ADAPTER, driver, behind = null, 'port-address': port } = pathWords(given);
        const name = node ?? nodes.next();
        const place = words['target-of'] === undefined ? newTarget(adapter) : targetWith(words['target-of']);
        places.set(name, place);
        return {
          hctl: `${place.target}:${place.luns++}`,
          node: `/dev/${name}`,
          ...(port === undefined ? {} : { portAddress: port.slice(2).toLowerCase() }),
          ...(driver === undefined ? {} : { driver }),
          ...(surveyed ? { around: aroundOf(words, behind) } : {}),
        };
      });
      return { words, paths };
    }),
  );

  function newTarget(adapter: number): { readonly target: string; luns: number } {
    const target = targets.get(adapter) ?? 0;
    targets.set(adapter, target + 1);
    return { target: `${adapter}:0:${target}`, luns: 0 };
  }

  function targetWith(node: string): { readonly target: string; luns: number } {
    const place = places.get(node);
    if (place !== undefined) return place;
    throw new LabError('bad-device', `target-of names ${node}, and no device before it has that node`);
  }
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
  { users = [], sata = false, 'raid-level': raidLevel }: LabDeviceWords,
  behind: readonly string[] | null,
): Surroundings => ({
  expanders: behind,
  inSlots: [],
  users,
  isSata: sata,
  raidLevel: raidLevel ?? null,
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
