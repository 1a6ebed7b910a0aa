import { fromHex } from '../base/bytes.ts';
import type { LabElementWords, LabHealthWords, ElementStatus } from '../generated/lab.ts';
import { ElementStatusCode, ElementType } from '../ses/element-type.ts';
import { LabError } from './lab-images.ts';
import { labTimeMs } from './lab-time.ts';
import type { SesElements, SesRules } from './ses-rules.ts';

const TYPES: Readonly<Record<LabElementWords['type'], number>> = {
  'device-slot': ElementType.deviceSlot,
  'power-supply': ElementType.powerSupply,
  fan: ElementType.cooling,
  temperature: ElementType.temperatureSensor,
  door: 0x05,
  alarm: 0x06,
  electronics: ElementType.enclosureServicesControllerElectronics,
  cache: 0x09,
  ups: 0x0b,
  display: 0x0c,
  enclosure: 0x0e,
  voltage: 0x12,
  current: 0x13,
  'array-slot': ElementType.arrayDeviceSlot,
  expander: ElementType.sasExpander,
  connector: 0x19,
};

const CODES: Readonly<Record<ElementStatus, number>> = {
  unsupported: ElementStatusCode.unsupported,
  ok: ElementStatusCode.ok,
  critical: ElementStatusCode.critical,
  noncritical: ElementStatusCode.noncritical,
  unrecoverable: ElementStatusCode.unrecoverable,
  'not-installed': ElementStatusCode.notInstalled,
  unknown: ElementStatusCode.unknown,
  'not-available': ElementStatusCode.notAvailable,
  'no-access': ElementStatusCode.noAccessAllowed,
};

/**
 * An enclosure whose page 02h says what these words of a lab say. Throws LabError `bad-device` for a subenclosure that it lacks;
 * `node` names the device.
 */
export function rulesWithHealth(rules: SesRules, words: LabHealthWords, node: string): SesRules {
  const { bits = [], page = 'as-usual', elements = [] } = words;
  const ids = rules.subenclosures.map(({ id }) => id);
  const lacking = elements.find(({ subenclosure = 0 }) => !ids.includes(subenclosure));
  if (lacking !== undefined) {
    throw new LabError(
      'bad-device',
      `${node} of the lab has no subenclosure ${lacking.subenclosure}; it has ${ids.join(', ')}`,
    );
  }
  return {
    ...rules,
    healthBits: bits,
    ...(page !== 'as-usual' && { healthPage: page }),
    subenclosures: rules.subenclosures.map((subenclosure) => ({
      ...subenclosure,
      types: withElements(
        subenclosure.types,
        elements.filter(({ subenclosure: id = 0 }) => id === subenclosure.id).map(elementsOf),
      ),
    })),
  };
}

/** The first of a kind takes the place of those that are there; others come behind. */
export function withElements(
  types: readonly SesElements[],
  added: readonly SesElements[],
): readonly SesElements[] {
  const left = [...added];
  const replaced = types.map((kind) => {
    const at = left.findIndex(({ elementType }) => elementType === kind.elementType);
    return at < 0 ? kind : left.splice(at, 1)[0]!;
  });
  return [...replaced, ...left];
}

const codesOf = (words: readonly ElementStatus[]): number[] => words.map((word) => CODES[word]);

function elementsOf(words: LabElementWords): SesElements {
  const { type, text = '', status, overall, bytes, empty, afterwards, meanwhile, settles } = words;
  return {
    elementType: TYPES[type],
    text,
    codes: codesOf(status),
    ...(overall !== undefined && { overall: CODES[overall] }),
    ...(bytes !== undefined && { specific: fromHex(bytes) }),
    ...(empty === true && { isEmpty: true }),
    ...(afterwards !== undefined && { afterwards: codesOf(afterwards) }),
    ...(meanwhile !== undefined &&
      settles !== undefined && {
        meanwhile: { codes: codesOf(meanwhile), forMs: labTimeMs(settles, 'settles') },
      }),
  };
}
