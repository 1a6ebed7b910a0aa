import { ElementStatusCode, ElementType } from '../ses/element-type.ts';
import { withElements } from './lab-health.ts';
import type { SesElements, SesRules } from './ses-rules.ts';
import type { Persona } from './simulated-device.ts';

const { ok, critical, noncritical, unrecoverable, notInstalled, unknown } = ElementStatusCode;
const VOLTAGE_SENSOR = 0x12;
const DOOR = 0x05;

const supplies = (...codes: number[]): SesElements => ({
  elementType: ElementType.powerSupply,
  text: 'PSU',
  codes,
});
const fans = (...codes: number[]): SesElements => ({ elementType: ElementType.cooling, text: 'Fan', codes });
const temperatures = (...codes: number[]): SesElements => ({
  elementType: ElementType.temperatureSensor,
  text: 'Temperature',
  codes,
});
const slots = (...codes: number[]): SesElements => ({
  elementType: ElementType.arrayDeviceSlot,
  text: 'Slot',
  codes,
});

/** 235 °C: what a sensor that is not connected reads. */
const ABSURD = new Uint8Array([0, 0xff, 0]);
const WELL = [supplies(ok, ok), fans(ok, ok, ok, ok), temperatures(ok, ok)];

type Shelf = Persona & { readonly ses: SesRules };

/** Shelves that are well, look unwell, or are, as pages 02h of the field show them. Made from the ordinary one. */
export function healthPersonas(shelf: Shelf): Readonly<Record<HealthPersonaName, Persona>> {
  const made = (
    number: number,
    summary: string,
    elements: readonly SesElements[],
    more: Partial<SesRules> = {},
  ): Persona => {
    const [primary, ...others] = shelf.ses.subenclosures;
    const types = withElements(withElements(primary!.types, WELL), elements);
    return {
      ...shelf,
      summary: `SES shelf; ${summary}`,
      addressPrefix: `3000000e${(0xa0 + number).toString(16)}`,
      ses: { ...shelf.ses, ...more, subenclosures: [{ ...primary!, types }, ...others] },
    };
  };
  return {
    'ses-shelf-sparse': made(0, 'second supply absent, most slots empty, one of these called critical', [
      supplies(ok, notInstalled),
      { ...slots(critical, notInstalled), isEmpty: true },
      slots(ok, ok),
    ]),
    'ses-shelf-false-alarm': made(
      1,
      'overall elements and header always bad, one sensor reads 235 °C, another nothing',
      [
        { ...supplies(ok, ok), overall: critical },
        { ...fans(ok, ok), overall: unrecoverable },
        { ...temperatures(ok, noncritical), overall: critical, specific: ABSURD },
        { elementType: VOLTAGE_SENSOR, text: 'Voltage', codes: [unknown, ok], overall: unrecoverable },
      ],
      { healthBits: ['noncritical', 'critical', 'unrecoverable'] },
    ),
    'ses-shelf-spare-fan': made(2, 'one of four fans failed', [fans(ok, critical, ok, ok)]),
    'ses-shelf-failed-supply': made(3, 'one of two supplies failed', [supplies(ok, critical)]),
    'ses-shelf-failed-fan': made(4, 'one of two fans failed', [fans(unrecoverable, ok)]),
    'ses-shelf-hot': made(5, 'a temperature sensor is critical', [temperatures(ok, critical)]),
    'ses-shelf-failed-electronics': made(6, 'the electronics of another module failed', [
      {
        elementType: ElementType.enclosureServicesControllerElectronics,
        text: 'Electronics',
        codes: [ok, critical],
      },
    ]),
    'ses-shelf-failed-expander': made(7, 'an expander failed', [
      { elementType: ElementType.sasExpander, text: 'Expander', codes: [ok, critical] },
    ]),
    'ses-shelf-failed-slot': made(8, 'the drive in a slot failed', [slots(ok, critical, notInstalled)]),
    'ses-shelf-broken-door': made(9, 'a door is unrecoverable', [
      { elementType: DOOR, text: 'Door', codes: [unrecoverable] },
    ]),
    'ses-shelf-worse-after': made(10, 'new code finds its second temperature sensor critical', [
      { ...temperatures(ok, ok), afterwards: [ok, critical] },
    ]),
    'ses-shelf-settling': made(11, 'after a restart its supplies are critical for 20 s', [
      { ...supplies(ok, ok), meanwhile: { codes: [critical, critical], forMs: 20_000 } },
    ]),
    'ses-shelf-no-health': made(12, 'does not list page 02h', [], { healthPage: 'absent' }),
    'ses-shelf-damaged-health': made(13, 'page 02h is cut within its header', [], { healthPage: 'damaged' }),
  };
}

export type HealthPersonaName = `ses-shelf-${
  | 'sparse'
  | 'false-alarm'
  | 'spare-fan'
  | 'failed-supply'
  | 'failed-fan'
  | 'hot'
  | 'failed-electronics'
  | 'failed-expander'
  | 'failed-slot'
  | 'broken-door'
  | 'worse-after'
  | 'settling'
  | 'no-health'
  | 'damaged-health'}`;
