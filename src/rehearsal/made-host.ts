import type { Clock } from '../base/clock.ts';
import type { ResolvedPlaybook } from '../playbook/resolved.ts';
import { followPartner } from '../simulator/behaviors/follow-partner.ts';
import { faultBehavior } from '../simulator/faults.ts';
import type { Fault } from '../simulator/faults.ts';
import { PERSONAS } from '../simulator/personas.ts';
import { SimulatedDevice } from '../simulator/simulated-device.ts';
import { SimulatedHost } from '../simulator/simulated-host.ts';
import type { Attachment } from '../simulator/simulated-node.ts';
import { chainsOf, madeDevice, runsImageOf } from './made-devices.ts';
import type { MadeDevice, Particular, PlayChain } from './made-devices.ts';

export interface MadeHost {
  readonly host: SimulatedHost;
  /** The devices that the playbook is about; others stand beside them. */
  readonly made: readonly MadeDevice[];
}

/** What is other than the playbook expects, on the first unit of each of its plays. */
export interface Twist extends Particular {
  readonly faults?: readonly Fault[];
  /** The first two units are the modules of one enclosure, with these drives behind both. */
  readonly modules?: { readonly drives: number };
  /** Programs change nothing, and end like this. */
  readonly program?: { readonly exitCode: number };
  /** Drives in use with no path but the one through the first unit. */
  readonly onlyPathOf?: number;
}

const MODULE_ENCLOSURE = '3000000fa000003f';

/** A host with as many units as the playbook wants at least. `twist` makes the first one of a play particular. */
export function madeHost(
  playbook: ResolvedPlaybook,
  clock: Clock,
  twist: (chain: PlayChain) => Twist | null = () => null,
): MadeHost {
  const made: MadeDevice[] = [];
  const attachments: Attachment[] = [];
  let program: Twist['program'] | null = null;
  for (const chain of chainsOf(playbook.plays)) {
    const particular = twist(chain);
    program = particular?.program ?? program;
    // Modules that bring each other to one revision only show what they do where there are two.
    const follows = particular !== null && playbook.strategy.partnerSync !== 'none' && fitsModules(chain);
    const modules = follows || particular?.modules !== undefined ? 2 : 0;
    const count = Math.max(1, modules, chain[0].expect.min);
    for (let n = 0; n < count; n++) {
      const index = made.length;
      const module =
        n < modules ? { logicalIdentifier: MODULE_ENCLOSURE, process: n + 1, of: modules } : undefined;
      const one = madeDevice(chain, index, clock, {
        ...(n === 0 ? particular : {}),
        ...(module === undefined ? {} : { module }),
      });
      for (const fault of n === 0 ? (particular?.faults ?? []) : [])
        one.device.putInFront(faultBehavior(fault));
      made.push(one);
      const hangs = n < modules || (n === 0 && particular?.onlyPathOf !== undefined);
      attachments.push({
        device: one.device,
        hctl: `${FIRST_ADAPTER + (n < modules ? n : 0)}:0:${index}:0`,
        node: `/dev/sg${index + 1}`,
        ...(hangs ? { around: { expanders: [expander(index)], ...NOTHING_ELSE } } : {}),
      });
    }
    if (follows) letFollow(made.slice(-count));
    const drives = particular?.modules?.drives ?? particular?.onlyPathOf ?? 0;
    const through = modules > 0 ? [0, 1] : [0];
    attachments.push(...drivesBehind(made.length - count, through, drives, clock));
  }
  const host = new SimulatedHost(attachments, undefined, witnessesOf(made));
  if (program !== null) host.run = () => Promise.resolve({ ...program, output: '', timedOut: false });
  return { host, made };
}

/** Two modules of one enclosure can be selected. */
export const fitsModules = ([{ match, expect }]: PlayChain): boolean =>
  match.type === 'enclosure' && (expect.max ?? 2) >= 2 && match.identity === null;

function letFollow([first, second]: readonly MadeDevice[]): void {
  if (first === undefined || second === undefined) return;
  second.device.putInFront(followPartner([first.device], FOLLOWS_AFTER_MS));
}

const FOLLOWS_AFTER_MS = 10_000;
const FIRST_ADAPTER = 6;
const expander = (index: number): string => `expander of sg${index + 1}`;
const NOTHING_ELSE = { inSlots: [], users: [], isSata: false } as const;
/** Targets and nodes from here on are free for drives. */
const BEYOND_UNITS = 10_000;
const USERS = ['ZFS pool tank'];

/** Drives with one path through each of these units. */
function drivesBehind(first: number, through: readonly number[], count: number, clock: Clock): Attachment[] {
  const { vendor, product, addressPrefix } = PERSONAS.disk;
  return Array.from({ length: count }, (_, n) => {
    const name = `${first}${String(n).padStart(3, '0')}`;
    const device = new SimulatedDevice({
      persona: PERSONAS.disk,
      identity: { vendor, product, serial: `DISK${name}`, naa: addressPrefix + name.padStart(6, '0') },
      revision: '0001',
      images: [],
      clock,
    });
    return through.map((unit): Attachment => ({
      device,
      hctl: `${FIRST_ADAPTER + unit}:0:${BEYOND_UNITS + first * 100 + n}:0`,
      node: `/dev/sg${BEYOND_UNITS + first * 200 + n * 2 + unit}`,
      around: { ...NOTHING_ELSE, expanders: [expander(first + unit)], users: USERS },
    }));
  }).flat();
}

/** A witness in sysfs agrees as soon as the units of its play run the image. */
function witnessesOf(made: readonly MadeDevice[]): (path: string) => string | null {
  return (path) => {
    for (const { device, chain } of made) {
      for (const play of chain) {
        const { witness } = play.verify;
        if (witness?.kind === 'sysfs' && witness.path === path) {
          return runsImageOf(play, device) ? witness.equals : '';
        }
      }
    }
    return null;
  };
}
