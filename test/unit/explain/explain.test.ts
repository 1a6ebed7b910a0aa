import * as assert from 'uvu/assert';
import { shellLine } from '../../../src/explain/shell.ts';
import { explainPlan, explainUnit } from '../../../src/explain/explain.ts';
import type { ActivationStep } from '../../../src/playbook/resolved.ts';
import type { DeviceFacts } from '../../../src/run/facts/inspect.ts';
import { makePlan } from '../../../src/run/plan/plan.ts';
import { explainText } from '../../../src/report/explain-text.ts';
import { noInk } from '../../../src/report/ink.ts';
import { suite } from '../../support/suite.ts';
import { calledBy } from '../../support/shell-words.ts';
import { factsOf, pathOf, playbookOf, playOf, sectionOf } from '../run/builders.ts';
import type { PlayFields } from '../run/builders.ts';

const test = suite('run/explain');

const linesOf = (play: PlayFields, step: string, file = 'dir/upgrade.yml'): readonly string[] =>
  explainUnit(playOf(play), factsOf(1), file)
    .filter(({ step: name }) => name === step)
    .flatMap(({ commands }) => commands);

const fromFile = (file: string, member: string | null = null, strip: number | string | null = null) => ({
  file,
  member,
  strip,
  skipBytes: 0,
  lengthBytes: null,
  fill: null,
});

test('a word that a shell would change comes back as it was', () => {
  const words = ["it's", 'a b', '$HOME', '`x`', '*', '', '-I', 'a\nb', 'ä', '~', 'a=b', '"', '\\'];
  assert.equal(calledBy([shellLine(['tool', ...words])], ['tool']), [['tool', ...words]]);
});

test('a file is named from where the command is given, and is not an option', () => {
  const download = (file: string) => ({ download: [sectionOf({ source: fromFile(file) })] });
  assert.match(linesOf(download('fw.bin'), 'download')[0]!, / --in=dir\/fw\.bin \/dev\/sg1$/);
  assert.match(linesOf(download('/srv/fw 1.bin'), 'download')[0]!, / '--in=\/srv\/fw 1\.bin' \/dev\/sg1$/);
  assert.match(linesOf(download('-'), 'download', 'upgrade.yml')[0]!, / --in=\.\/- \/dev\/sg1$/);
});

test('an image inside a package, or behind a header, is taken out first', () => {
  const package_ = { download: [sectionOf({ source: fromFile('CP022989.scexe', 'a!PUF21000.bin') })] };
  assert.equal(linesOf(package_, 'download'), [
    "runbook image dir/CP022989.scexe --member 'a!PUF21000.bin' --out PUF21000.bin",
    'sg_write_buffer --mode=dmc_offs_defer --bpw=4096 --timeout=7200 --in=PUF21000.bin /dev/sg1',
  ]);
  const header = { download: [sectionOf({ source: fromFile('fw.lod', null, 'seagate-lod') })] };
  assert.is(linesOf(header, 'download')[0], 'runbook image dir/fw.lod --strip seagate-lod --out fw.lod.bare');
});

test('what the tool would cut at 8 MiB without a word is asked for by its length', () => {
  const image = new Uint8Array((8 << 20) + 1);
  assert.match(linesOf({ download: [sectionOf({ image })] }, 'download')[0]!, / --length=8388609 /);
  assert.not.match(linesOf({ download: [sectionOf()] }, 'download')[0]!, /--length/);
});

test('every section has its lines, and the fallback its own', () => {
  const download = [
    sectionOf({ bufferId: 1, otherwise: { mode: 'dmc_offs_save', bpw: 'whole' }, modeSpecific: 0 }),
    sectionOf({ bufferId: 2, offsetBytes: 4096 }),
  ];
  const steps = explainUnit(playOf({ download }), factsOf(1), 'upgrade.yml').filter(
    ({ step }) => step === 'download',
  );
  assert.equal(
    steps.map(({ commands }) => commands.map((line) => line.replace(' --timeout=7200 --in=fw.bin', ''))),
    [
      ['sg_write_buffer --mode=dmc_offs_defer --bpw=4096 --id=1 /dev/sg1'],
      ['sg_write_buffer --mode=dmc_offs_defer --bpw=4096 --id=2 --offset=4096 /dev/sg1'],
    ],
  );
  assert.equal(steps[0]!.otherwise, [
    'sg_write_buffer --mode=dmc_offs_save --id=1 --timeout=7200 --in=fw.bin /dev/sg1',
  ]);
});

test('every step of an activation', () => {
  const activate: ActivationStep[] = [
    { step: 'activate_mc' },
    { step: 'wait-ready', withinMs: 90_500 },
    { step: 'pause', forMs: 1500 },
    { step: 'rescan' },
    { step: 'reload-driver', driver: 'mpt3sas' },
    { step: 'run', argv: ['/usr/bin/logger', "it's done"] },
    { step: 'power-cycle' },
    { step: 'reboot' },
  ];
  const steps = explainUnit(playOf({ activate }), factsOf(1), 'upgrade.yml');
  assert.equal(
    steps.slice(2, -1).map(({ step, commands }) => [step, ...commands]),
    [
      ['activate_mc', 'sg_write_buffer --mode=activate_mc --timeout=7200 /dev/sg1'],
      ['wait-ready', "timeout 91 sh -c 'until sg_turs /dev/sg1; do sleep 1; done'"],
      ['pause', 'sleep 1.5'],
      [
        'rescan',
        'echo 1 > /sys/bus/scsi/devices/6:0:1:0/delete',
        "echo '0 1 0' > /sys/class/scsi_host/host6/scan",
      ],
      ['reload-driver', 'modprobe -r mpt3sas', 'modprobe mpt3sas'],
      ['run', String.raw`/usr/bin/logger 'it'\''s done'`],
      ['power-cycle'],
      ['reboot'],
    ],
  );
});

test("a vendor's program is shown as it is started, with what it is told", () => {
  const { image, sentSha256 } = sectionOf();
  const source = fromFile('fw 1.bin');
  const argv = ['/opt/vendor/flash', '--all it needs'];
  const download = [{ via: 'external', argv, withinMs: 90_000, image, sentSha256, source }] as const;
  assert.equal(linesOf({ download, activate: [] }, 'download'), [
    "RUNBOOK_NODE=/dev/sg1 RUNBOOK_IMAGE='dir/fw 1.bin' /opt/vendor/flash '--all it needs'",
  ]);
});

test('what the verdict and the proofs look at is looked at by hand as well', () => {
  const equals = new Uint8Array(1);
  const play = {
    match: { proof: [{ page: 0xc0, offset: 4, equals, text: 'x' }] },
    verify: { ...playOf().verify, witness: { kind: 'vpd', pageCode: 0xc1, offset: 0, equals } },
  } as const satisfies PlayFields;
  assert.ok(linesOf(play, 'check').includes('sg_vpd --page=192 --hex /dev/sg1'));
  assert.ok(linesOf(play, 'verify').includes('sg_vpd --page=193 --hex /dev/sg1'));
});

test('the other modules of an enclosure are asked before one of them is begun', () => {
  const besideOf = (processCount: number): string => {
    const module = { logicalIdentifier: '50014380ab00003f', relativeProcessId: 1, processCount };
    const enclosures = [module] as unknown as NonNullable<DeviceFacts['enclosures']>;
    return explainUnit(playOf(), factsOf(1, { enclosures }), 'upgrade.yml')[0]!.beside.join('\n');
  };
  assert.match(besideOf(2), /asks the other modules of the enclosure/);
  assert.not.match(besideOf(1), /other modules/);
});

test('units that differ in their names alone are told once; each has its own lines in the document', () => {
  const plan = makePlan(
    playbookOf([playOf({ activate: [{ step: 'rescan' }] })]),
    [1, 2, 3].map((n) => factsOf(n)),
  );
  const text = explainText(plan, noInk);
  assert.is(text.match(/explain: play cards on/g)?.length, 1);
  assert.match(text, / {2}the same for \/dev\/sg2 \/dev\/sg3, with their own names\n$/);
  assert.equal(
    explainPlan(plan).map(({ id, node, steps }) => [id, node, steps[1]!.commands[0]!.split(' ').at(-1)]),
    [1, 2, 3].map((n) => [`naa.50014380ab00000${n}`, `/dev/sg${n}`, `/dev/sg${n}`]),
  );
});

test('units whose adapters take other sizes are not told as the same', () => {
  const limits = { maximumTransferBytes: 8192, scatterGatherEntries: null };
  const play = playOf({ download: [sectionOf({ bpw: 'auto' })] });
  const small = factsOf(2, { paths: [pathOf(2, { limits })] });
  const text = explainText(makePlan(playbookOf([play]), [factsOf(1), small]), noInk);
  assert.match(text, /--bpw=10000 /);
  assert.match(text, /--bpw=8192 /);
});

test('a plan without work explains nothing', () => {
  const plan = makePlan(playbookOf(), [factsOf(1, { revision: '2.10' })]);
  assert.is(explainText(plan, noInk), '\nexplain: nothing would be sent\n');
  assert.equal(explainPlan(plan), []);
});

test.run();
