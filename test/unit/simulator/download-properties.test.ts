import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { PERSONAS } from '../../../src/simulator/personas.ts';
import type { PersonaName } from '../../../src/simulator/personas.ts';
import { suite } from '../../support/suite.ts';
import { IMAGE, NEXUS, activateMc, chunk, deviceOf, freshDeviceOf, raw, said } from './device-under-test.ts';

const properties = suite('simulator: what holds for every sequence of commands');

const { bytes } = IMAGE;
const chunkSizes = fc.array(fc.integer({ min: 1, max: 6000 }), { minLength: 1, maxLength: 12 });
const offsetMode = fc.constantFrom(0x07, 0x0e);

/** Offset and end of each chunk: the sizes over and over until the image is tiled. */
function tiles(sizes: readonly number[]): (readonly [number, number])[] {
  const result: (readonly [number, number])[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const end = Math.min(bytes.length, at + sizes[i % sizes.length]!);
    result.push([at, end]);
    at = end;
  }
  return result;
}

properties('any sizes of contiguous chunks end with exactly that image', () => {
  fc.assert(
    fc.property(chunkSizes, offsetMode, (sizes, mode) => {
      const device = deviceOf('hp-sas-expander');
      for (const [from, to] of tiles(sizes)) {
        assert.is(device.microcode.flash.size, 0);
        assert.is(said(device.execute(chunk(mode, from, bytes.subarray(from, to)), NEXUS)), 'good');
      }
      if (mode === 0x0e) device.execute(activateMc, NEXUS);
      assert.is(device.microcode.flash.get(0), IMAGE);
      assert.is(device.shownRevision, 'NEW');
    }),
    { numRuns: 60 },
  );
});

properties(
  'no other order of the chunks ends with it, and neither does one that is left out or sent twice',
  () => {
    const spoiled = fc
      .tuple(
        chunkSizes.filter((sizes) => tiles(sizes).length > 1),
        fc.nat(),
        fc.nat(),
        fc.constantFrom('swap', 'drop', 'repeat'),
      )
      .map(([sizes, a, b, how]) => {
        const list = tiles(sizes);
        const i = a % list.length;
        // Not the chunk itself; and repeating the last one comes when all is done.
        const j = (i + 1 + (b % (list.length - 1))) % list.length;
        if (how === 'swap') [list[i], list[j]] = [list[j]!, list[i]!];
        else if (how === 'drop') list.splice(i, 1);
        // A first chunk that comes again is a new beginning, and right; the last one comes when all is done.
        else if (i === 0 || i === list.length - 1) list.splice(i, 1);
        else list.splice(i, 0, list[i]!);
        return list;
      });
    fc.assert(
      fc.property(spoiled, offsetMode, (list, mode) => {
        const device = deviceOf('hp-sas-expander');
        for (const [from, to] of list) device.execute(chunk(mode, from, bytes.subarray(from, to)), NEXUS);
        device.execute(activateMc, NEXUS);
        device.powerCycle();
        assert.is(device.shownRevision, 'OLD');
        assert.is(device.microcode.flash.size, 0);
      }),
      { numRuns: 200 },
    );
  },
);

properties('one wrong byte anywhere is never taken', () => {
  fc.assert(
    fc.property(
      chunkSizes,
      fc.nat(bytes.length - 1),
      fc.integer({ min: 1, max: 255 }),
      (sizes, at, change) => {
        const damaged = bytes.slice();
        damaged[at]! ^= change;
        const device = deviceOf('hp-sas-expander');
        const answers = tiles(sizes).map(([from, to]) =>
          said(device.execute(chunk(0x07, from, damaged.subarray(from, to)), NEXUS)),
        );
        assert.ok(answers.includes('5/26/00'));
        assert.is(device.shownRevision, 'OLD');
      },
    ),
    { numRuns: 60 },
  );
});

properties('no bytes of a CDB make a device throw, and an unknown operation code is 5/20/00', () => {
  const known = [0x00, 0x03, 0x12, 0x1b, 0x1c, 0x1d, 0x3b, 0x3c, 0xa0, 0xa3];
  const names = Object.keys(PERSONAS) as PersonaName[];
  const cdb = fc.oneof(
    fc.uint8Array({ maxLength: 16 }),
    fc
      .tuple(fc.constantFrom(...known), fc.uint8Array({ maxLength: 15 }))
      .map(([code, rest]) => Uint8Array.of(code, ...rest)),
  );
  const oneCommand = fc.record({
    cdb,
    dataInBytes: fc.nat(512),
    dataOut: fc.option(fc.uint8Array({ maxLength: 64 })),
  });
  const commands = fc.array(oneCommand, { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(fc.constantFrom(...names), commands, (name, list) => {
      const device = freshDeviceOf(name);
      device.unitAttentions.attach(NEXUS);
      device.unitAttentions.take(NEXUS);
      for (const { cdb: block, dataInBytes, dataOut } of list) {
        const outcome = device.execute(raw([...block], dataInBytes, dataOut ?? undefined), NEXUS);
        assert.ok(outcome.dataIn.length <= dataInBytes);
        if (!known.includes(block[0] ?? 0)) assert.is(said(outcome), '5/20/00');
      }
      assert.is(device.shownRevision, 'OLD');
    }),
    { numRuns: 300 },
  );
});

properties.run();
