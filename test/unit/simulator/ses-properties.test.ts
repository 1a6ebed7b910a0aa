import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { VirtualClock } from '../../../src/base/clock.ts';
import { configuration } from '../../../src/ses/configuration.ts';
import { receiveDiagnosticResults } from '../../../src/ses/receive-diagnostic-results.ts';
import { suite } from '../../support/suite.ts';
import { IMAGE, NEXUS, raw } from './device-under-test.ts';
import {
  SHELVES,
  controlPage,
  readStatus,
  readStatusPage,
  sendPart,
  shelf,
  statusText,
} from './ses-device.ts';

const properties = suite('simulator: what holds for every sequence of pages');

const { bytes } = IMAGE;
const pageSizes = fc.array(
  fc.integer({ min: 1, max: 1500 }).map((words) => words * 4),
  { minLength: 1, maxLength: 8 },
);

/** Start and end of each page: the sizes over and over until the image is tiled. */
function tiles(sizes: readonly number[]): (readonly [number, number])[] {
  const result: (readonly [number, number])[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const end = Math.min(bytes.length, at + sizes[i % sizes.length]!);
    result.push([at, end]);
    at = end;
  }
  return result;
}

properties('pages of any sizes in order end with exactly that image', async () => {
  await fc.assert(
    fc.asyncProperty(pageSizes, fc.boolean(), async (sizes, reading) => {
      const clock = new VirtualClock();
      const device = shelf('ses-shelf', { clock });
      for (const [from, to] of tiles(sizes)) {
        assert.is(sendPart(device, from, to), 'good');
        if (reading && to < bytes.length) {
          const { status, expectedOffsetBytes } = readStatus(device);
          assert.equal([status, expectedOffsetBytes], [0x01, to]);
        }
      }
      await clock.sleep(2000);
      assert.is(statusText(device), '12h');
      device.powerCycle();
      assert.is(device.microcode.flash.get(0), IMAGE);
      assert.is(device.shownRevision, 'NEW');
    }),
    { numRuns: 50 },
  );
});

properties(
  'no other order ends with it where pages are contiguous; one left out or twice neither',
  async () => {
    const spoiled = fc
      .tuple(
        pageSizes.filter((sizes) => tiles(sizes).length > 1),
        fc.nat(),
        fc.nat(),
        fc.constantFrom('swap', 'drop', 'repeat'),
      )
      .map(([sizes, a, b, how]) => {
        const list = tiles(sizes);
        const i = a % list.length;
        const j = (i + 1 + (b % (list.length - 1))) % list.length;
        if (how === 'swap') [list[i], list[j]] = [list[j]!, list[i]!];
        // The last page twice comes when all is done.
        else if (how === 'drop' || i === list.length - 1) list.splice(i, 1);
        else list.splice(i, 0, list[i]!);
        return list;
      });
    await fc.assert(
      fc.asyncProperty(spoiled, async (list) => {
        const clock = new VirtualClock();
        const device = shelf('ses-shelf', { clock });
        for (const [from, to] of list) sendPart(device, from, to);
        await clock.sleep(2000);
        device.powerCycle();
        assert.is(device.shownRevision, 'OLD');
        assert.is(device.microcode.flash.size, 0);
      }),
      { numRuns: 200 },
    );
  },
);

properties('every order ends with it where any offset is fine, once no byte is missing', async () => {
  await fc.assert(
    fc.asyncProperty(pageSizes, fc.infiniteStream(fc.nat()), async (sizes, random) => {
      const clock = new VirtualClock();
      const device = shelf('ses-shelf-any-offset', { clock });
      const list = tiles(sizes);
      while (list.length > 0) {
        assert.is(device.enclosure!.primary.writing, null);
        const [[from, to]] = list.splice(random.next().value! % list.length, 1) as [[number, number]];
        assert.is(sendPart(device, from, to), 'good');
      }
      await clock.sleep(2000);
      assert.is(statusText(device), '12h');
    }),
    { numRuns: 50 },
  );
});

properties('one wrong byte anywhere is 81h', () => {
  fc.assert(
    fc.property(
      pageSizes,
      fc.nat(bytes.length - 1),
      fc.integer({ min: 1, max: 255 }),
      (sizes, at, change) => {
        const damaged = bytes.slice();
        damaged[at]! ^= change;
        const device = shelf('ses-shelf');
        for (const [from, to] of tiles(sizes)) sendPart(device, from, to, {}, damaged);
        assert.is(statusText(device), '81h');
      },
    ),
    { numRuns: 50 },
  );
});

properties('no bytes of a CDB or a page make an enclosure throw, and its pages stay readable', () => {
  const page = fc.oneof(
    fc.uint8Array({ maxLength: 80 }),
    // A right page with a few bytes changed goes further.
    fc.array(fc.tuple(fc.nat(35), fc.nat(255)), { maxLength: 3 }),
  );
  const one = fc.record({
    cdb: fc.oneof(
      fc.tuple(fc.constantFrom(0x1c, 0x1d), fc.uint8Array({ maxLength: 15 })),
      fc.tuple(fc.constant(0x1d), fc.constant(Uint8Array.of(0x10, 0, 0, 36, 0))),
      fc.tuple(fc.constant(0x1c), fc.constant(Uint8Array.of(1, 0x0e, 0x20, 0, 0))),
    ),
    dataInBytes: fc.nat(512),
    page,
  });
  fc.assert(
    fc.property(
      fc.constantFrom(...SHELVES.filter((name) => name !== 'ses-simple')),
      fc.array(one, { minLength: 1, maxLength: 20 }),
      (name, list) => {
        const device = shelf(name);
        for (const { cdb, dataInBytes, page: sent } of list) {
          const [code, rest] = cdb;
          let dataOut = sent;
          if (Array.isArray(dataOut)) {
            const right = controlPage(device, { data: bytes.subarray(0, 12) }).dataOut!.slice();
            for (const [at, value] of dataOut) right[at] = value;
            dataOut = right;
          }
          const outcome = device.execute(raw([code, ...rest], dataInBytes, dataOut), NEXUS);
          assert.ok(outcome.dataIn.length <= dataInBytes);
        }
        assert.match(readStatusPage(device), /^0e/);
        const command = receiveDiagnosticResults(configuration);
        assert.is(command.decode(device.execute(command, NEXUS).dataIn).enclosures[0]!.revision, 'OLD');
      },
    ),
    { numRuns: 400 },
  );
});

properties.run();
