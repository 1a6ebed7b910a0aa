import * as assert from 'uvu/assert';
import { fromHex } from '../../../../src/base/bytes.ts';
import { downloadMicrocodeStatus } from '../../../../src/ses/download-microcode-status.ts';
import { suite } from '../../../support/suite.ts';
import { changed, reading, sesDownload } from '../ses-shelf.ts';

const test = suite('microcode/ses-begin');

const COMPLETE = 'R 07@0 R 07@4096 R 07@8192 R R R';

for (const [status, code] of [
  [0x01, 'foreign-download'],
  [0x02, 'foreign-download'],
  [0x03, 'foreign-download'],
  [0x04, 'foreign-download'],
  [0x0f, 'foreign-download'],
  [0x10, 'foreign-image'],
  [0x11, 'foreign-image'],
  [0x12, 'foreign-image'],
  [0x13, 'foreign-image'],
  [0x14, 'foreign-image'],
  [0x7f, 'foreign-image'],
  [0x83, 'internal-failure'],
] as const) {
  test(`status ${status.toString(16)}h before the first byte refuses, and nothing is sent`, async () => {
    const { end, wire } = await sesDownload({ front: [reading(1, { status })] });
    assert.is(end.kind, 'refused');
    assert.is(wire, 'R');
    assert.is(end.failure!.code, code);
    assert.match(
      end.failure!.message,
      new RegExp(`^subenclosure 0: .*\\(${status.toString(16).toUpperCase().padStart(2, '0')}h\\)`),
    );
    assert.is(end.mayRun, false);
  });
}

for (const status of [0x80, 0x81, 0x82, 0x84, 0x85, 0x86, 0xef, 0xf0, 0xff]) {
  test(`status ${status.toString(16)}h of an earlier download is told, and does not stop this one`, async () => {
    const { end, notices, wire } = await sesDownload({ front: [reading(1, { status })] });
    assert.is(end.kind, 'complete');
    assert.match(notices[0]!, /an earlier download ended badly: /);
    assert.is(wire, COMPLETE);
  });
}

test('80h of an earlier download names its field', async () => {
  const { notices } = await sesDownload({ front: [reading(1, { status: 0x80, additionalStatus: 11 })] });
  assert.match(notices[0]!, /BUFFER ID, byte 11 of the page/);
});

for (const [status, what] of [
  [0x01, 'somebody downloads to'],
  [0x02, 'flash is written in'],
  [0x83, 'no power cycle is survived by'],
] as const) {
  test(`the run stops before the first byte when ${what} another subenclosure of the enclosure`, async () => {
    const { end, wire } = await sesDownload({
      persona: 'ses-shelf-triple',
      front: [
        reading(1, ({ generationCode, subenclosures }) =>
          downloadMicrocodeStatus.encode({
            generationCode,
            subenclosures: subenclosures.map((entry) =>
              entry.subenclosureId === 2 ? { ...entry, status } : entry,
            ),
          }),
        ),
      ],
    });
    assert.is(end.kind, 'refused');
    assert.match(end.failure!.message, /^subenclosure 2: /);
    assert.is(wire, 'R');
  });
}

test('an image that waits in another subenclosure is its own affair', async () => {
  const { end } = await sesDownload({
    persona: 'ses-shelf-triple',
    front: [
      reading(1, (page) =>
        downloadMicrocodeStatus.encode({
          ...page,
          subenclosures: page.subenclosures.map((entry) =>
            entry.subenclosureId === 2 ? { ...entry, status: 0x13 } : entry,
          ),
        }),
      ),
    ],
  });
  assert.is(end.kind, 'complete');
});

test('a subenclosure that the page does not have is refused', async () => {
  const { end, wire } = await sesDownload({ download: { subenclosureId: 5 } });
  assert.is(end.kind, 'refused');
  assert.is(end.failure!.code, 'subenclosure-missing');
  assert.is(wire, 'R');
});

for (const [title, page, message] of [
  ['another page than 0Eh', '08000000', /page 08h.*short enclosure status only/],
  ['a page that is cut', '0e000014 00000001 0000', /short|bytes/i],
  ['a page without its descriptor', '0e000004 00000001', /do not hold 1 subenclosures/],
  ['nothing', '', /got 0 bytes/],
] as const) {
  test(`${title} in answer to page 0Eh is refused`, async () => {
    const { end, wire } = await sesDownload({ front: [reading(1, () => fromHex(page))] });
    assert.is(end.kind, 'refused');
    assert.match(end.failure!.message, message);
    assert.is(wire, 'R');
  });
}

for (const answer of ['6/29/00', '6/3F/01', '6/28/00', '6/2A/01']) {
  test(`a pending unit attention ${answer} is cleared by reading again`, async () => {
    const { end, wire } = await sesDownload({ front: [reading(1, answer)] });
    assert.is(end.kind, 'complete');
    assert.is(wire, `R ${COMPLETE}`);
  });
}

test('an enclosure that is busy for a while is waited for', async () => {
  const { end } = await sesDownload({ front: [reading(1, '2/04/07', 5)] });
  assert.is(end.kind, 'complete');
});

test('an enclosure that stays busy is refused when the time is over', async () => {
  const { end, seconds } = await sesDownload({ front: [reading(1, '2/04/07', 0)] });
  assert.is(end.kind, 'refused');
  assert.is(seconds, 10);
});

test('an enclosure that does not answer is refused after three readings', async () => {
  const { end, wire } = await sesDownload({ front: [reading(1, 'host 3', 0)] });
  assert.is(end.kind, 'refused');
  assert.is(wire, 'R R R');
});

test('4/44 before the first byte is a refusal', async () => {
  const { end } = await sesDownload({ front: [reading(1, '4/44/00', 0)] });
  assert.is(end.kind, 'refused');
});

for (const [maximumImageBytes, kind] of [
  [9_999, 'refused'],
  [10_000, 'complete'],
  [0, 'complete'],
] as const) {
  test(`an image of 10000 bytes and a maximum of ${maximumImageBytes}: ${kind}`, async () => {
    const { end, wire } = await sesDownload({ front: [reading(1, { maximumImageBytes })] });
    assert.is(end.kind, kind);
    if (kind === 'refused') {
      assert.is(wire, 'R');
      assert.is(end.failure!.code, 'image-too-large');
    }
  });
}

test('the whole length of the image is compared with the maximum, not the part that is sent', async () => {
  const { end } = await sesDownload({
    download: { imageLengthBytes: 20_000 },
    front: [reading(1, { maximumImageBytes: 15_000 })],
  });
  assert.is(end.kind, 'refused');
});

test('the generation code that the status shows is the one that is sent', async () => {
  const { end, device } = await sesDownload({
    front: [(_command, { enclosure }) => ((enclosure!.generationCode = 0xfedcba98), undefined)],
  });
  assert.is(end.kind, 'complete');
  assert.is(end.generationCode, 0xfedcba98);
  assert.is(device.microcode.waiting.size, 1);
});

test('the entry is found by its id, wherever it stands', async () => {
  const { end, device } = await sesDownload({
    persona: 'ses-shelf-triple',
    download: { subenclosureId: 1 },
    front: [reading(2, (page) => changed({ ...page, subenclosures: [...page.subenclosures].reverse() }, {}))],
  });
  assert.is(end.kind, 'complete');
  assert.is(end.finalStatus, 0x10);
  assert.is(device.enclosure!.withId(1)!.microcode.running.revision, 'NEW');
  assert.is(device.shownRevision, 'OLD');
});

test.run();
