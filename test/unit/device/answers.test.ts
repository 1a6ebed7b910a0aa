import * as assert from 'uvu/assert';
import { readFileSync } from 'node:fs';
import { VirtualClock } from '../../../src/base/clock.ts';
import { fromHex, shownText } from '../../../src/base/bytes.ts';
import { Device } from '../../../src/device/device.ts';
import { identify } from '../../../src/device/identity.ts';
import type { ScsiCommand } from '../../../src/scsi/command.ts';
import { standardInquiry, encodeStandardInquiry } from '../../../src/scsi/inquiry.ts';
import { supportedVpdPages } from '../../../src/scsi/vpd-supported-pages.ts';
import { outcomeOf } from '../../../src/transport/transport.ts';
import { inProject } from '../../support/paths.ts';
import { outcomeFor } from '../../support/scripted-transport.ts';
import { suite } from '../../support/suite.ts';

interface FieldAnswer {
  readonly name: string;
  readonly cdb: string;
  readonly answer: string;
  readonly expect: Readonly<Record<string, string>>;
}

const test = suite('device/answers of devices in the field');

const INQUIRY = encodeStandardInquiry(
  standardInquiry().decode(
    fromHex('0d0006021f0040024850202020202020485020534153204558502043617264202032303820'),
  ),
);

/** A device that gives this one answer, and otherwise says that it lists pages 80h and 83h and has nothing in them. */
function giving({ cdb, answer }: FieldAnswer): Device {
  const wanted = fromHex(cdb);
  const whole = fromHex(answer);
  const own = (command: ScsiCommand): Uint8Array | null => {
    const [, evpd = 0, page = 0] = command.cdb;
    if (evpd === wanted[1] && page === wanted[2]) return whole;
    if (evpd === 0) return INQUIRY;
    return page === 0 ? supportedVpdPages.encode([0x00, 0x80, 0x83]) : null;
  };
  const execute = (command: ScsiCommand): Promise<unknown> => {
    const bytes = own(command)?.slice(0, command.dataInBytes);
    return Promise.resolve(bytes === undefined ? outcomeFor('5/24/00') : outcomeOf({ dataIn: bytes }));
  };
  const transport = { execute, close: () => Promise.resolve() };
  return new Device(transport as never, { clock: new VirtualClock(), find: () => Promise.resolve(null) });
}

const file = inProject('test/unit/device/fixtures/answers.jsonl');
for (const line of readFileSync(file, 'utf8').trim().split('\n')) {
  const field = JSON.parse(line) as FieldAnswer;
  const { why, ...wanted } = field.expect;
  test(`${field.name}${why === undefined ? '' : `: ${why}`}`, async () => {
    const { inquiry, identity } = await identify(giving(field));
    const { vendor, product, revision } = inquiry;
    const { logicalUnit, serialNumber } = identity;
    const serial = serialNumber === null ? null : shownText(serialNumber);
    const seen: Readonly<Record<string, string | null>> = { vendor, product, revision, logicalUnit, serial };
    for (const [name, value] of Object.entries(wanted)) assert.is(seen[name], value, name);
  });
}

test.run();
