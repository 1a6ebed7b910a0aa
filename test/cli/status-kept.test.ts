import * as assert from 'uvu/assert';
import { suite } from '../support/suite.ts';
import { obeys } from '../unit/report/schemas.ts';
import { KeptLab } from './kept-lab.ts';

const test = suite('status: what earlier runs left');

const IMAGE = '{ name: img.bin, bytes: 64KiB, rule: standard, revision: "2.10" }';
const SHA = 'a20c932130247a7d3dcd51d4b3ce3067fee605e3782e84a3aa614db05c607b97';

const lab = (devices: string): string => `lab: v1\nimages:\n  - ${IMAGE}\ndevices:\n${devices}`;

const playbook = (match: string, download: string): string => `runbook: v1
name: units
plays:
  - name: units
    match: ${match}
    firmware: { file: img.bin, sha256: ${SHA}, revision: '2.10' }
    download: ${download}
    verify: { within: 1s }
strategy: { redundancy: outage-accepted }
`;

interface Shown {
  readonly frozen: readonly string[];
  readonly devices: readonly {
    readonly id: string;
    readonly paths: readonly string[];
    readonly notAsked: string | null;
    readonly error: { readonly code: string } | null;
  }[];
}

async function status(
  host: KeptLab,
  ...names: readonly string[]
): Promise<Shown & { readonly exit: string }> {
  const { exit, document } = await host.told('status', ...names);
  obeys('report', document);
  return { ...(document as unknown as Shown), exit };
}

for (const [persona, end, fault, exit] of [
  ['disk', 'frozen', 'faults: [{ command: write-buffer, nth: 2, sense: 4/44/00 }]', 'FROZEN'],
  ['hp-sas-expander', 'lost', 'restart: { leaves: { for: 1h } }', 'LOST'],
] as const) {
  test(`a unit that is ${end} (${persona}) is shown without a name, there or away`, async () => {
    const unit = `  - { persona: ${persona}, node: sg1, revision: "2.08", serial: S1`;
    const host = new KeptLab(lab(`${unit}, ${fault} }\n`));
    const type = persona === 'disk' ? 'disk' : 'enclosure';
    const run = await host.apply(
      playbook(
        `{ type: ${type}, vendor: '*', product: '*', revision: ['2.08'] }`,
        '{ via: write-buffer, mode: dmc_offs_defer, bpw: 16384 }\n    activate: [activate_mc]',
      ),
    );
    assert.equal([run.exit, run.outcomes], [exit, [end]]);
    const shown = await status(host);
    assert.equal([shown.exit, shown.devices.length], [exit, 1]);
    assert.is(shown.frozen.length, end === 'frozen' ? 1 : 0);
    const { id } = shown.devices[0]!;
    // It is not there any more: the same host with another unit in its place.
    await host.rebuild(lab('  - { persona: ses-shelf, node: sg2, revision: "0100" }\n'));
    const away = await status(host);
    assert.is(away.exit, exit);
    assert.equal(
      away.devices.map(({ paths, error }) => [paths[0] ?? null, error?.code ?? null]),
      [
        ['/dev/sg2', null],
        [null, 'still-away'],
      ],
    );
    assert.is(away.devices[1]!.id, id);
    const text = await host.run('status', '--no-color');
    assert.match(text.stdout, new RegExp(`^not there  ${id}`, 'm'));
    assert.match(text.stdout, `is ${end} since run `);
    assert.is((await status(host, 'sg2')).exit, 'OK', 'another unit was asked for');
    host.remove();
  });
}

test('page 0Eh of a unit that waits is left to verify', async () => {
  const host = new KeptLab(lab('  - { persona: ses-shelf, node: sg1, revision: "2.08" }\n'));
  const run = await host.apply(
    playbook(
      "{ type: enclosure, vendor: LAB, product: '*', revision: ['2.08'] }",
      '{ via: ses, mode: dmc_offs_save, bpw: 4096 }',
    ),
  );
  assert.equal([run.exit, run.outcomes], ['PENDING', ['pending']]);
  const { devices } = await status(host);
  assert.match(devices[0]!.notAsked ?? '', /^run \S+ left this unit open, and runbook verify asks/);
  const text = await host.run('status', '--no-color');
  assert.match(text.stdout, /microcode status \(page 0Eh\) not asked: run \S+ left this unit open/);
  await host.powerCycle('sg1');
  assert.is((await host.told('verify')).exit, 'OK');
  assert.is((await status(host)).devices[0]!.notAsked, null);
  host.remove();
});

test.run();
