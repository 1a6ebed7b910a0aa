import * as assert from 'uvu/assert';
import type { ScsiCommand } from '../../../src/scsi/command.ts';
import { additionalElementStatus } from '../../../src/ses/additional-element-status.ts';
import { configuration } from '../../../src/ses/configuration.ts';
import { elementDescriptor } from '../../../src/ses/element-descriptor.ts';
import { enclosureStatus } from '../../../src/ses/enclosure-status.ts';
import { receiveDiagnosticResults } from '../../../src/ses/receive-diagnostic-results.ts';
import { decodeSasElementStatus } from '../../../src/ses/sas-element-status.ts';
import type { SimulatedDevice } from '../../../src/simulator/simulated-device.ts';
import { suite } from '../../support/suite.ts';
import { NEXUS, ask, raw } from './device-under-test.ts';
import { shelf } from './ses-device.ts';
import { groupByType } from '../ses/element-groups.ts';

const pages = suite('simulator: the diagnostic pages of an enclosure');

function read<Value>(device: SimulatedDevice, command: ScsiCommand<Value>): Value {
  return command.decode(device.execute(command, NEXUS).dataIn);
}

pages('page 00h lists what there is, 0Eh with it', () => {
  assert.is(ask(shelf('ses-shelf'), [0x1c, 1, 0, 0x20, 0, 0], 8192), '0000000600010207' + '0a0e');
});

pages('page 01h describes the enclosure byte by byte', () => {
  const page = ask(shelf('ses-shelf'), [0x1c, 1, 1, 0x20, 0, 0], 8192);
  const ascii = (text: string): string => Buffer.from(text).toString('hex');
  const header = '0100' + '004f' + '00000001';
  const enclosure = '11' + '00' + '03' + '24' + '50014380ab00003f' + ascii('LAB     SES SHELF       OLD ');
  const types = '0701000b' + '18010008' + '170c0004';
  assert.is(page, header + enclosure + types + ascii('ElectronicsExpanderSlot'));
});

pages('pages 01h, 02h, 07h and 0Ah agree about the elements', () => {
  for (const name of ['ses-shelf', 'ses-shelf-triple'] as const) {
    const device = shelf(name);
    const { types, generationCode } = read(device, receiveDiagnosticResults(configuration));
    const status = read(device, receiveDiagnosticResults(enclosureStatus));
    const texts = read(device, receiveDiagnosticResults(elementDescriptor));
    const additional = read(device, receiveDiagnosticResults(additionalElementStatus));
    assert.equal(
      [status.generationCode, texts.generationCode, additional.generationCode],
      [generationCode, generationCode, generationCode],
    );
    const groups = groupByType('page 02h', status.elements, types);
    assert.equal(
      groups.slice(0, 3).map(({ elements }) => elements.map(({ code }) => code)),
      [[1], [1], Array.from({ length: 12 }, () => 5)],
    );
    const names = groupByType('page 07h', texts.texts, types);
    assert.is(names[2]!.elements[11], 'Slot 11');
    const [expander, slot] = additional.descriptors;
    assert.equal(decodeSasElementStatus(expander!, 0x18), {
      kind: 'expander',
      sasAddress: '0x50014380ab000000',
      phys: [],
    });
    assert.is(slot!.invalid, true);
    assert.equal(slot!.element, { index: 2, includesOverall: 0 });
  }
});

pages('ses-shelf-triple lists its subenclosures in another order than their ids', () => {
  const { enclosures } = read(shelf('ses-shelf-triple'), receiveDiagnosticResults(configuration));
  assert.equal(
    enclosures.map(({ subenclosureId, product, revision }) => [subenclosureId, product, revision]),
    [
      [0, 'SES SHELF', 'OLD'],
      [2, 'SHELF PSU', '0030'],
      [1, 'SHELF IOM', '0200'],
    ],
  );
});

pages('the CDB decides which page comes and how much of it', () => {
  const device = shelf('ses-shelf');
  assert.is(ask(device, [0x1c, 0, 0x0e, 0x20, 0, 0], 8192), '5/24/00 byte 1', 'PCV 0');
  assert.is(ask(device, [0x1c, 1, 0x55, 0x20, 0, 0], 8192), '5/24/00 byte 2', 'no such page');
  const cut = device.execute(raw([0x1c, 1, 0, 0, 6, 0], 8192), NEXUS);
  assert.equal([cut.dataIn.length, cut.residualBytes], [6, 8186]);
});

pages('a unit attention comes before any page, and INQUIRY does not take it', () => {
  const device = shelf('ses-shelf');
  device.hardReset();
  ask(device, [0x12, 0, 0, 0, 36, 0], 36);
  assert.is(ask(device, [0x1c, 1, 0x0e, 0x20, 0, 0], 8192), '6/29/02');
});

pages.run();
