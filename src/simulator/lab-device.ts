import type { Clock } from '../base/clock.ts';
import type { LabDeviceWords } from '../generated/lab.ts';
import { answerModule } from './behaviors/module-configuration.ts';
import { startsWhenTold } from './behaviors/start-stop-unit.ts';
import { rulesWithHealth } from './lab-health.ts';
import { labTimeMs } from './lab-time.ts';
import { faultBehavior } from './faults.ts';
import type { LabImage } from './incoming-image.ts';
import { labFault } from './lab-faults.ts';
import { LabError, requireDeviceText } from './lab-images.ts';
import { labLeave } from './lab-leave.ts';
import type { LabUnit } from './lab-paths.ts';
import { personaNamed } from './personas.ts';
import type { EnclosureModule } from './ses-enclosure.ts';
import { SimulatedDevice } from './simulated-device.ts';
import type { Persona } from './simulated-device.ts';

export interface LabDeviceOptions {
  /** Which unit of the lab it is, from 0: what is not given is made from it. */
  readonly index: number;
  readonly images: readonly LabImage[];
  readonly clock: Clock;
  readonly keepLog: boolean;
}

/** One device of a lab. Throws LabError for what the schema cannot see. */
export function labDevice(
  { words, paths }: LabUnit,
  { index, images, clock, keepLog }: LabDeviceOptions,
): SimulatedDevice {
  const node = paths[0]!.node;
  const persona = personaOf(words, node);
  const { revision, serial = `LAB${String(index + 1).padStart(7, '0')}`, latency, restart, sysfs } = words;
  const { 'new-serial': newSerial, 'link-rate': linkRate } = words;
  requireDeviceText(`vendor of ${node}`, persona.vendor, 8);
  requireDeviceText(`product of ${node}`, persona.product, 16);
  requireDeviceText(`revision of ${node}`, revision, 4);
  requireDeviceText(`serial of ${node}`, serial, 36);
  requireDeviceText(`new-serial of ${node}`, newSerial ?? '', 36);
  const module = words.enclosure === undefined ? null : moduleOf(words.enclosure);
  const leaves = restart?.leaves === undefined ? null : labLeave(restart.leaves);
  const device = new SimulatedDevice({
    persona,
    identity: {
      vendor: persona.vendor,
      product: persona.product,
      serial,
      naa: words['sas-address']?.slice(2).toLowerCase() ?? addressOf(persona, index),
    },
    revision,
    images,
    clock,
    latencyMs: latency === undefined ? 0 : labTimeMs(latency, 'latency'),
    keepLog,
    lostPaths: restart?.['lost-paths'] ?? 0,
    ...(newSerial !== undefined && { newSerial }),
    ...(linkRate !== undefined && { linkRate }),
    ...(sysfs !== undefined && {
      sysfs: (name: string) => (Object.hasOwn(sysfs, name) ? sysfs[name]! : null),
    }),
    ...(module === null ? {} : { module }),
    ...(leaves === null ? {} : { onRestart: (restarted) => restarted.leave(leaves) }),
  });
  // Cards without SES pages for a download still say which module they are.
  if (module !== null && device.enclosure === null) device.putInFront(answerModule(module));
  if (restart?.stopped === true) device.putInFront(startsWhenTold());
  const nexusOf = (name: string): string =>
    paths.find((path) => path.node === `/dev/${name}`)?.hctl ?? `no path ${name}`;
  for (const fault of [...(words.faults ?? [])].reverse()) {
    const count = { met: 0 };
    device.faultCounts.unshift(count);
    device.putInFront(faultBehavior(labFault(fault, nexusOf), count));
  }
  for (const { hctl } of paths) device.unitAttentions.attach(hctl); // powered on when the lab began, not when somebody looks
  return device;
}

function personaOf(
  { persona: name, vendor, product, restart, health, nickname }: LabDeviceWords,
  node: string,
): Persona {
  const persona = personaNamed(name);
  if (health !== undefined && persona.ses === undefined) {
    const message = `${node} of the lab has no SES pages (persona ${name}), so it has no health; remove the word`;
    throw new LabError('bad-device', message);
  }
  if (nickname !== undefined && persona.ses === undefined) {
    const message = `${node} of the lab has no SES pages (persona ${name}), so it has no nickname; remove the word`;
    throw new LabError('bad-device', message);
  }
  const readyAfter = restart?.['ready-after'];
  const ses = persona.ses && {
    ...(health === undefined ? persona.ses : rulesWithHealth(persona.ses, health, node)),
    ...(nickname !== undefined && { nickname }),
  };
  return {
    ...persona,
    ...(vendor === undefined ? {} : { vendor }),
    ...(product === undefined ? {} : { product }),
    ...(ses !== undefined && { ses }),
    ...(readyAfter === undefined ? {} : { restart: { readyAfterMs: labTimeMs(readyAfter, 'ready-after') } }),
  };
}

function moduleOf({ id, process, of = 2 }: NonNullable<LabDeviceWords['enclosure']>): EnclosureModule {
  return { logicalIdentifier: id.slice(2).toLowerCase(), process, of };
}

function addressOf({ addressPrefix }: Persona, index: number): string {
  return addressPrefix + (index * 0x40).toString(16).padStart(16 - addressPrefix.length, '0');
}
