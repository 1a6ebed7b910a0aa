import * as assert from 'uvu/assert';
import { suite } from '../support/suite.ts';
import { KeptLab } from './kept-lab.ts';

const test = suite('staged upgrades: download today, activate in the window');

const LAB = (device: string): string => `lab: v1
images:
  - { name: img.bin, bytes: 64KiB, rule: standard, revision: '2.10' }
  - { name: evil.bin, bytes: 64KiB, rule: zeros, revision: '6.66' }
devices:
  - { node: sg1, revision: '2.08', serial: S1, ${device} }
`;

/** A unit that takes a deferred image, and how. */
const UNITS = {
  'by WRITE BUFFER': { device: 'persona: hp-sas-expander', via: 'write-buffer', vendor: 'HP' },
  'by page 0Eh': { device: 'persona: ses-shelf-deferred', via: 'ses', vendor: 'LAB' },
} as const;

const IMAGES = {
  'img.bin': ['a20c932130247a7d3dcd51d4b3ce3067fee605e3782e84a3aa614db05c607b97', '2.10'],
  'evil.bin': ['de2f256064a0af797747c2b97505dc0b9f3df0de4f489eac731c23ae9ca9cc31', '6.66'],
} as const;

interface Words {
  readonly image?: keyof typeof IMAGES;
  /** Absent: activation only. */
  readonly via?: string;
  readonly activate?: string;
}

function playbook(vendor: string, { image = 'img.bin', via, activate }: Words): string {
  const [sha256, revision] = IMAGES[image];
  return `runbook: v1
name: one unit
plays:
  - name: unit
    match: { type: enclosure, vendor: ${vendor}, product: '*', revision: ['2.08'] }
    firmware: { file: ${image}, sha256: ${sha256}, revision: '${revision}' }
${via === undefined ? '' : `    download: { via: ${via}, mode: dmc_offs_defer, bpw: 4096 }\n`}${activate === undefined ? '' : `    activate: ${activate}\n`}`;
}

const STEPS = '[activate_mc, wait-ready: 2m]';

for (const [title, { device, via, vendor }] of Object.entries(UNITS)) {
  const downloads = (image?: keyof typeof IMAGES): string =>
    playbook(vendor, { via, ...(image && { image }) });
  const activates = playbook(vendor, { activate: STEPS });
  const both = playbook(vendor, { via, activate: STEPS });

  test(`${title}: the playbook of the window activates what waits, and says what nobody can know`, async () => {
    const host = new KeptLab(LAB(device));
    const today = await host.apply(downloads());
    assert.equal([today.exit, today.outcomes], ['PENDING', ['pending']]);
    const again = await host.apply(downloads());
    assert.equal([again.exit, again.codes], ['PENDING', ['waits-for-event']], 'nothing is sent twice');
    const plan = await host.run('plan', host.file('window.yml', activates));
    assert.match(
      plan.stdout,
      /2\.08 → 2\.10: activates the image that run \S+ left waiting, and sends nothing; no device tells which image waits/,
    );
    const window = await host.apply(activates);
    assert.equal([window.exit, window.outcomes], ['OK', ['updated']]);
    assert.equal(
      window.document.devices!.map(({ bytes, chunks }) => [bytes, chunks]),
      [[0, 0]],
    );
    assert.equal((await host.apply(both)).outcomes, ['current']);
    host.remove();
  });

  test(`${title}: the whole playbook, applied later, sends nothing again`, async () => {
    const host = new KeptLab(LAB(device));
    await host.apply(downloads());
    const later = await host.apply(both);
    assert.equal([later.exit, later.outcomes], ['OK', ['updated']]);
    assert.equal(
      later.document.devices!.map(({ chunks }) => chunks),
      [0],
    );
    host.remove();
  });

  test(`${title}: a power cycle in place of the activation`, async () => {
    const host = new KeptLab(LAB(device));
    await host.apply(downloads());
    await host.powerCycle('sg1');
    const verified = await host.told('verify');
    assert.equal([verified.exit, verified.outcomes], ['OK', ['updated']]);
    assert.equal((await host.apply(activates)).outcomes, ['current']);
    host.remove();
  });

  test(`${title}: only the image that the playbook pins is activated`, async () => {
    const host = new KeptLab(LAB(device));
    await host.apply(downloads('evil.bin'));
    const window = await host.apply(activates);
    assert.equal([window.exit, window.codes], ['REFUSED', ['other-image-waits']]);
    assert.is(await host.shows('sg1'), '2.08');
    host.remove();
  });

  test(`${title}: an image of unknown origin is neither activated nor replaced`, async () => {
    const host = new KeptLab(LAB(device));
    await host.apply(downloads('evil.bin'));
    host.forget();
    const window = await host.apply(activates);
    assert.equal([window.exit, window.codes], ['REFUSED', ['nothing-waits']]);
    const tookOver = await host.apply(activates, '--take-over');
    assert.equal([tookOver.exit, tookOver.codes], ['REFUSED', ['nothing-waits']]);
    const sends = await host.apply(both);
    assert.equal([sends.exit, sends.codes], ['REFUSED', ['foreign-image']]);
    assert.is(await host.shows('sg1'), '2.08');
    const replaced = await host.apply(both, '--take-over');
    assert.equal([replaced.exit, replaced.outcomes], ['OK', ['updated']]);
    host.remove();
  });

  test(`${title}: after a restart that was heard of nobody knows what waits, whoever heard it`, async () => {
    const attention = `faults: [{ command: test-unit-ready, nth: 4, sense: 6/29/00 }]`;
    const host = new KeptLab(LAB(`${device}, ${attention}`));
    await host.apply(downloads());
    // Looks until one of them has taken the unit attention.
    for (let look = 0; look < 4; look++) await host.run('plan', host.file('window.yml', activates));
    const window = await host.apply(activates);
    assert.equal([window.exit, window.codes], ['REFUSED', ['waiting-unsure']]);
    const verified = await host.told('verify');
    assert.equal([verified.exit, verified.codes], ['PENDING', ['event-without-effect']]);
    const sent = await host.apply(both, '--retry');
    assert.equal([sent.exit, sent.outcomes], ['OK', ['updated']]);
    assert.ok(sent.document.devices![0]!.chunks > 0, 'it was sent again');
    host.remove();
  });
}

test.run();
