import { createHash } from 'node:crypto';
import * as assert from 'uvu/assert';
import { pinPlaybook } from '../../../src/playbook/pin.ts';
import { resolvePlaybook } from '../../../src/playbook/resolve.ts';
import type { ResolvedPlay } from '../../../src/playbook/resolved.ts';
import { suite } from '../../support/suite.ts';
import { loaded, problemsOf, SAMPLE, sampleWith } from './sample.ts';

const test = suite('playbook/section-list');

const OLD = '2583692ff3e056c4412845370449c6a249af569fbfb3a29a7e123feb98a911d9';
const IMAGE = Buffer.alloc(10_000, 1);
const BOOT = Buffer.concat([Buffer.from('a header of 16 b'), Buffer.alloc(5000, 2)]);
const labImages = new Map<string, Uint8Array>([
  ['PUF21000.bin', IMAGE],
  ['boot.bin', BOOT],
]);
const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const ONE = '      via: write-buffer\n      mode: dmc_offs_defer\n      bpw: 4096\n';
const DEFER = '{via: write-buffer, mode: dmc_offs_defer, bpw: 4k}';
const SAVE = '{via: write-buffer, mode: dmc_offs_save, bpw: 4k}';

/** The sample with these sections, and these steps. */
const withList = (sections: readonly string[], steps?: string): string =>
  sampleWith(
    [ONE, sections.map((section) => `      - ${section}\n`).join('')],
    ...(steps === undefined
      ? []
      : ([
          ['    activate:\n      - activate_mc\n      - wait-ready: 2m\n', `    activate: ${steps}\n`],
        ] as const)),
  );

for (const [title, text, expected] of [
  [
    'activate_mc belongs to the last section',
    withList([DEFER, SAVE]),
    [
      '19:9 activation: nothing waits for activate_mc: the last section (dmc_offs_save) activates by itself | remove activate_mc, or use dmc_offs_defer',
    ],
  ],
  [
    'a section that nobody activates is named',
    withList([SAVE, DEFER, SAVE], '[wait-ready: 1m]'),
    [
      '17:35 activation: this section would wait for an activation that never comes: the last section (dmc_offs_save) activates by itself | put it last, use one mode for all sections, or end with power-cycle',
    ],
  ],
  ['a power cycle makes it run', withList([DEFER, SAVE], '[power-cycle]'), []],
  ['deferred sections may stand last', withList([SAVE, DEFER]), []],
  ['a program may stand among them', withList([DEFER, '{via: external, run: [/bin/flash], within: 1m}']), []],
  [
    'a hash is that of an image of its own',
    withList([`{via: write-buffer, mode: dmc_offs_defer, bpw: 4k, sha256: "${OLD}", strip: 16}`]),
    [
      '16:68 no-effect: this section sends the image of firmware, so sha256 belongs there | remove it, or give this section its own image with file or member',
      '16:143 no-effect: this section sends the image of firmware, so strip belongs there | remove it, or give this section its own image with file or member',
    ],
  ],
  [
    'nothing is fetched for a section either',
    withList(['{via: write-buffer, mode: dmc_offs_defer, bpw: 4k, file: "https://x/y.bin"}']),
    [
      '16:66 remote-file: the image must be a file beside the playbook; runbook downloads nothing | download it, check it, then name the file',
    ],
  ],
  [
    'a program is named by its absolute path, and has a time',
    withList(['{via: external, run: [flash, -f], within: 0s}'], '[wait-ready: 1m]'),
    [
      '16:31 format: flash is not an absolute path, so which program it is would depend on the host | write /usr/local/sbin/flash, for example',
      '16:51 duration: 0s is zero | write at least 1ms',
    ],
  ],
  [
    'manufacturing data needs its acknowledgement in each section',
    withList([DEFER, '{via: write-buffer, mode: dmc_offs_defer, bpw: 4k, region: manufacturing}']),
    [
      '17:68 acknowledge: manufacturing data contains the serial number and the addresses of the device | if you mean it, add acknowledge: manufacturing-data',
    ],
  ],
] as const) {
  test(title, () => assert.equal(problemsOf(text), expected));
}

async function resolved(text: string): Promise<ResolvedPlay> {
  const made = await pinPlaybook('x.yml', text, { directory: '/nonexistent', labImages });
  const resolution = await resolvePlaybook(loaded(made.text!), { directory: '/nonexistent', labImages });
  return resolution.resolved!.plays[0]!;
}

test('each section has its image, its header off, and its pin', async () => {
  const boot =
    '{via: write-buffer, mode: dmc_offs_defer, bpw: 1k, file: boot.bin, strip: 16, buffer-id: 1, unproven: accepted}';
  const text = withList([boot, DEFER]);
  const { text: made } = await pinPlaybook('x.yml', text, { directory: '/nonexistent', labImages });
  const sha256 = hashOf(BOOT.subarray(16));
  assert.match(made!, `strip: 16, sha256: "${sha256}", buffer-id: 1, `);
  const { download, imageSha256, firmware } = await resolved(text);
  assert.equal(
    download.map(({ image, sentSha256 }) => [image.length, sentSha256]),
    [
      [5000, sha256],
      [10_000, hashOf(IMAGE)],
    ],
  );
  assert.is(firmware.sha256, hashOf(IMAGE));
  assert.is(imageSha256, hashOf(Buffer.from([firmware.sha256, sha256, firmware.sha256].join('\n'))));
});

test('without images of their own the sections are remembered by the one image', async () => {
  const parts = ['length: 4k, unproven: accepted', 'skip: 4k'].map((part) =>
    DEFER.replace('}', `, ${part}}`),
  );
  const { imageSha256, firmware } = await resolved(withList(parts));
  assert.is(imageSha256, firmware.sha256);
  assert.is((await resolved(SAMPLE)).imageSha256, firmware.sha256);
});

test('a program is resolved with what it is run with', async () => {
  const { download } = await resolved(
    withList(['{via: external, run: [/bin/flash, "1"], within: 5m}'], '[wait-ready: 1m]'),
  );
  const [section] = download;
  if (section?.via !== 'external') throw new Error('is another way');
  assert.equal(
    [section.argv, section.withinMs, section.image.length],
    [['/bin/flash', '1'], 300_000, 10_000],
  );
});

test.run();
