import * as assert from 'uvu/assert';
import { readBootId } from '../../src/host/machine.ts';
import { suite } from '../support/suite.ts';
import { KeptLab } from './kept-lab.ts';

const test = suite('staged upgrades: the host starts again between the download and the window');

const SHA256 = 'a20c932130247a7d3dcd51d4b3ce3067fee605e3782e84a3aa614db05c607b97';
const STEPS = '    activate: [activate_mc, wait-ready: 2m]\n';

/** How a unit takes a deferred image, and whether a power cycle starts that. */
const UNITS = {
  'WRITE BUFFER mode 0Eh': {
    device: 'persona: hp-sas-expander',
    match: 'type: enclosure, vendor: HP',
    download: 'via: write-buffer, mode: dmc_offs_defer',
    atPowerOn: true,
  },
  'WRITE BUFFER mode 0Dh, at power on': {
    device: 'persona: disk',
    match: 'type: disk, vendor: LAB',
    download: 'via: write-buffer, mode: dmc_offs_ev_defer, mode-specific: 4',
    atPowerOn: true,
  },
  'WRITE BUFFER mode 0Dh, by its activation alone': {
    device: 'persona: disk',
    match: 'type: disk, vendor: LAB',
    download: 'via: write-buffer, mode: dmc_offs_ev_defer, mode-specific: 0',
    atPowerOn: false,
  },
  'page 0Eh mode 0Eh': {
    device: 'persona: ses-shelf-deferred',
    match: 'type: enclosure, vendor: LAB',
    download: 'via: ses, mode: dmc_offs_defer',
    atPowerOn: true,
  },
} as const;

for (const [title, { device, match, download, atPowerOn }] of Object.entries(UNITS)) {
  const lab = `lab: v1
images:
  - { name: img.bin, bytes: 64KiB, rule: standard, revision: '2.10' }
devices:
  - { node: sg1, revision: '2.08', serial: S1, ${device} }
`;
  const playbook = (...blocks: readonly string[]): string => `runbook: v1
name: one unit
plays:
  - name: unit
    match: { ${match}, product: '*', revision: ['2.08'] }
    firmware: { file: img.bin, sha256: ${SHA256}, revision: '2.10' }
${blocks.join('')}strategy: { redundancy: outage-accepted }
`;
  const section = `    download: { ${download}, bpw: 4096 }\n`;
  const [today, window, both] = [playbook(section), playbook(STEPS), playbook(section, STEPS)];

  test(`${title}: the unit keeps its power: the window activates what waits, without --retry`, async () => {
    const host = new KeptLab(lab);
    const downloaded = await host.apply(today);
    assert.equal([downloaded.exit, downloaded.outcomes], ['PENDING', ['pending']]);
    host.boot();
    const verified = await host.told('verify');
    assert.equal([verified.exit, verified.codes], ['PENDING', ['event-pending']]);
    const again = await host.apply(today);
    assert.equal(
      [again.exit, again.codes],
      ['PENDING', ['waits-for-event']],
      'a boot of the host is no event',
    );
    for (const later of [window, both]) {
      const kept = host.units()!;
      const activated = await host.apply(later);
      assert.equal([activated.exit, activated.outcomes], ['OK', ['updated']]);
      assert.is(activated.document.devices![0]!.chunks, 0, 'nothing is sent again');
      if (later === both) break;
      assert.equal((await host.apply(later)).outcomes, ['current']);
      host.forget();
      host.become(kept);
      await host.apply(today, '--take-over');
      host.boot();
    }
    host.remove();
  });

  test(`${title}: the unit loses its power with the host`, async () => {
    const host = new KeptLab(lab);
    await host.apply(today);
    host.boot();
    await host.powerCycle('sg1');
    if (atPowerOn) {
      assert.is(await host.shows('sg1'), '2.10');
      assert.equal((await host.apply(window)).outcomes, ['current']);
      assert.equal((await host.apply(both)).outcomes, ['current']);
    } else {
      // It may hold the image still, or another one: it has told of a restart.
      const unsure = await host.apply(window);
      assert.equal([unsure.exit, unsure.codes], ['REFUSED', ['waiting-unsure']]);
      const sent = await host.apply(both, '--retry');
      assert.equal([sent.exit, sent.outcomes], ['OK', ['updated']]);
    }
    host.remove();
  });
}

test('the host can be told from an earlier boot', () => assert.ok(readBootId()));

test.run();
