import * as assert from 'uvu/assert';
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Finding } from '../../src/report/doctor-text.ts';
import { rigProblem } from '../kernel/rig.ts';
import { runChild, type Finished } from '../support/child.ts';
import { debianRootProblem, succeed } from '../support/debian-root.ts';
import { inProject } from '../support/paths.ts';
import { missing, suite } from '../support/suite.ts';
import { firstBoot, outcomesOf, prepareGuest, secondBoot } from './installed-guest.ts';
import {
  brokenLinks,
  COMMON,
  entriesOf,
  makeLibrariesRpm,
  makePackages,
  namesOf,
  neededSymbols,
  sha256,
  VERSION,
} from './packages.ts';
import { COMPLETION, DEMO, DOC, inRoot, makeRoots, printed } from './roots.ts';

/**
 * What people install, made by `npm run package` and installed where nothing of it is: in clean Debian roots, and in one that boots
 * on the kernel rig.
 */
const test = suite('packages');

const PROGRAMS = [
  'dpkg-deb',
  'rpm',
  'rpmbuild',
  'lintian',
  'rpmlint',
  'objdump',
  'xz',
  'qemu-aarch64-static',
];

const problem = debianRootProblem(PROGRAMS) ?? rigProblem();
const folder = mkdtempSync(path.join(tmpdir(), 'package-'));
const out = path.join(folder, 'out');
const x64 = namesOf('x64');
const arm64 = namesOf('arm64');
const made = (name: string): string => path.join(out, name);
/** A second build, and one of what goes into the packages alone. */
const again = path.join(folder, 'again');
const againTrees = path.join(folder, 'again-trees');

/** Takes minutes and needs only the packages, so it runs beside the tests; the one that looks at it waits for it. */
const beside: { lintian?: Promise<Finished>; rpmlint?: Promise<Finished>; again?: Promise<void> } = {};

async function begin(): Promise<void> {
  await Promise.all([makePackages(out), makeRoots(folder)]);
  const timeoutMs = 1_200_000;
  const debs = [made(x64.deb), made(arm64.deb)];
  beside.lintian = runChild('lintian', ['--allow-root', '--fail-on', 'error', ...debs], { timeoutMs });
  const config = inProject('packaging/files/rpmlint.toml');
  const rpms = [made(x64.rpm), made(arm64.rpm)];
  beside.rpmlint = runChild('rpmlint', ['--config', config, ...rpms], { timeoutMs });
  beside.again = makePackages(again, '--processor', 'x64').then(() =>
    makePackages(againTrees, '--processor', 'arm64', '--trees'),
  );
  // Its test tells.
  for (const work of Object.values(beside)) work.catch(() => undefined);
}

if (problem === null) {
  test.before(begin);
  test.after(() => rmSync(folder, { recursive: true, force: true }));

  test('there is everything that people install, with sums that are right', async () => {
    const all = [...Object.values(x64), ...Object.values(arm64), ...Object.values(COMMON)];
    assert.equal(readdirSync(out).sort(), all.sort());
    const { exitCode, stdout } = await runChild('sha256sum', ['--check', '--strict', COMMON.sums], {
      cwd: out,
    });
    assert.is(exitCode, 0, stdout);
    assert.is(stdout.trimEnd().split('\n').length, all.length - 1);
  });

  test('what is inside is listed, and each part has its licence', async () => {
    const text = readFileSync(made(COMMON.sbom), 'utf8');
    const { components, serialNumber, metadata } = JSON.parse(text) as {
      components: { group?: string; name: string; version: string }[];
      serialNumber?: string;
      metadata: { timestamp?: string };
    };
    assert.equal([serialNumber, metadata.timestamp], [undefined, undefined]);
    const licences = await succeed('tar', [
      ...['-xJOf', made(x64.archive), `runbook-${VERSION}-linux-x64/LICENSES.txt`],
    ]);
    for (const { group, name, version } of components) {
      const whole = name === 'node' ? 'Node.js' : group === undefined ? name : `${group}/${name}`;
      assert.match(licences, `\n${whole} ${version}`, whole);
    }
    for (const name of [
      'koffi',
      'js-yaml',
      'commander',
      'listr2',
      'yauzl',
      'zstddec',
      'xz-decompress',
      'node',
    ])
      assert.ok(
        components.some((one) => one.name === name),
        name,
      );
  });

  test('the dependencies of the .deb are those of its files', async () => {
    const unpacked = path.join(folder, 'amd64');
    await succeed('dpkg-deb', ['-x', made(x64.deb), unpacked]);
    const depends = await succeed('dpkg-deb', ['--field', made(x64.deb), 'Depends']);
    const atLeast = (name: string): string =>
      new RegExp(`${name.replaceAll('+', '\\+')} \\(>= ([\\d.]+)\\)`).exec(depends)![1]!;
    for (const file of ['usr/bin/runbook', 'usr/lib/runbook/koffi.node']) {
      const needed = neededSymbols(path.join(unpacked, file));
      const isOlder = (has: string, than: string): boolean =>
        has.localeCompare(than, 'en', { numeric: true }) < 0;
      assert.not(isOlder(atLeast('libc6'), needed.get('GLIBC') ?? '0'), `${file}: ${depends}`);
      assert.not(isOlder(atLeast('libgcc-s1'), needed.get('GCC') ?? '0'), `${file}: ${depends}`);
      // GLIBCXX_3.4.21 came with GCC 5.1, 3.4.22 with 6.1.
      assert.not(isOlder('3.4.21', needed.get('GLIBCXX') ?? '0'), `${file}: ${depends}`);
    }
    assert.match(depends, 'libatomic1');
  });

  for (const release of ['bookworm', 'trixie']) {
    const root = path.join(folder, release);

    test(`in a clean Debian (${release}): installed with apt, it works, and is found where users look`, async () => {
      cpSync(made(x64.deb), path.join(root, 'root/runbook.deb'));
      await printed(root, '! command -v node && apt-get install --yes --quiet /root/runbook.deb');
      assert.match(
        await printed(root, 'NODE_OPTIONS=--require=/nowhere.js runbook --version'),
        /^runbook \S+ \(commit \w+(\+changes)?, \d{4}-\d\d-\d\d; Node\.js \d+\.\d+\.\d+ \(inside\), koffi [\d.]+, x64\)$/,
      );
      assert.equal(
        (await printed(root, 'man -w runbook; man -w 5 runbook-playbook; man -w 5 runbook-lab')).split('\n'),
        [
          '/usr/share/man/man8/runbook.8.gz',
          '/usr/share/man/man5/runbook-playbook.5.gz',
          '/usr/share/man/man5/runbook-lab.5.gz',
        ],
      );
      assert.is(await printed(root, COMPLETION), 'verify');
      assert.match(await printed(root, DEMO), '2 updated, 1 current\nexit 0 (OK)');
      const rehearsed = `RUNBOOK_LAB=playbooks/upgrade-expanders.lab.yml runbook devices`;
      const { stderr } = await inRoot(root, rehearsed, DOC);
      assert.match(stderr, /^runbook: options from the environment: RUNBOOK_LAB=/);
      const modes = await printed(root, 'stat --format "%U %a" /var/lib/runbook /run/runbook');
      assert.is(modes, 'root 700\nroot 700');
      assert.ok(existsSync(path.join(root, 'usr/share/runbook/schemas/playbook.schema.json')));
      for (const page of ['README.md', 'docs/guide.md', 'docs/many-hosts.md'])
        assert.equal(brokenLinks(path.join(root, DOC, page)), [], page);
    });

    test(`in a clean Debian (${release}): doctor says what is missing there, and nothing else`, async () => {
      const { exitCode, stdout } = await inRoot(root, 'runbook doctor --format json');
      assert.is(exitCode, 4, stdout);
      const { findings } = JSON.parse(stdout) as { findings: readonly Finding[] };
      assert.equal(
        findings.filter(({ status }) => status === 'problem').map(({ check }) => check),
        ['sg-driver'],
      );
      const found = (check: Finding['check']): string => findings.find((one) => one.check === check)!.found;
      assert.match(found('native-part'), /^\/usr\/lib\/runbook\/koffi\.node, /);
      assert.match(found('libatomic'), /libatomic\.so/);
    });
  }

  test('an installed Debian upgrades four cards; after its next start the service settles what waited', async () => {
    const root = path.join(folder, 'bookworm');
    const link = 'etc/systemd/system/multi-user.target.wants/runbook-verify.service';
    assert.match(await printed(root, `readlink /${link}`), 'runbook-verify.service');
    assert.is(await printed(root, 'systemd-analyze verify runbook-verify.service 2>&1'), '');
    await prepareGuest(root);
    const before = await firstBoot(root, path.join(folder, 'uml-1'));
    assert.equal(outcomesOf(before, 'upgrade'), Array<string>(4).fill('2.08 → 2.10 updated'), before.console);
    assert.equal(outcomesOf(before, 'later'), ['2.10 → 2.10 pending']);
    assert.match(before.text('doctor.out'), '"check": "earlier-runs",\n      "status": "warning"');
    assert.match(before.text('open.out'), /^\S+\n$/, 'one run left something open');
    assert.match(before.text('job-begin.out'), /"begun": true/, before.text('job-begin.err'));
    assert.equal(before.text('job-unit').trim().split('\n').sort(), [
      'KillMode=process',
      'SendSIGKILL=no',
      'TimeoutStopUSec=infinity',
    ]);
    assert.match(before.text('job-wait.out'), /"state": "finished"/, before.text('job-wait.err'));
    assert.is(before.text('job-wait.exit').trim(), '0');

    const after = await secondBoot(root, path.join(folder, 'uml-2'));
    const journal = after.text('journal');
    assert.match(journal, 'not there yet, waits up to 600 s', after.console);
    assert.match(journal, /2\.10 +2\.12 +updated/);
    assert.match(after.text('result'), 'Result=success');
    assert.match(after.text('doctor.out'), '"found": "nothing waits"');
    assert.is(after.text('doctor.exit').trim(), '0', after.text('doctor.out'));
    assert.is(after.text('open.out'), '');
    assert.is(after.text('again').trim(), 'ConditionResult=no', 'nothing to look at any more');
  });

  test('removing it keeps what is remembered, and purging takes it', async () => {
    const root = path.join(folder, 'trixie');
    await printed(root, 'apt-get remove --yes --quiet runbook && ! command -v runbook');
    assert.is(await printed(root, 'ls /var/lib/runbook'), 'lab');
    await printed(root, 'apt-get purge --yes --quiet runbook');
    const left = await printed(
      root,
      `find / -xdev -name '*runbook*' -not -path '/root/*' -not -path '/proc/*'`,
    );
    assert.is(left, '');
  });

  test('the .rpm installs into a root of its own, enables the service, and leaves the state behind', async () => {
    const root = path.join(folder, 'trixie');
    const rpm = async (...words: string[]) => succeed('rpm', ['--root', root, '--nodeps', ...words]);
    await succeed('rpm', ['--root', root, '--initdb']);
    await rpm('--install', made(x64.rpm));
    assert.match(await printed(root, 'runbook --version'), `runbook ${VERSION} (`);
    assert.match(await printed(root, DEMO), '2 updated, 1 current');
    assert.is(await succeed('rpm', ['--root', root, '--verify', '--nodeps', 'runbook']), '');
    const requires = await succeed('rpm', ['--query', '--requires', '--package', made(x64.rpm)]);
    assert.match(requires, 'libatomic.so.1()(64bit)');
    await rpm('--erase', 'runbook');
    assert.not(existsSync(path.join(root, 'usr/bin/runbook')));
    assert.ok(existsSync(path.join(root, 'var/lib/runbook/lab')));
  });

  test('dnf installs the .rpm where its libraries are, and not where they are missing', async () => {
    const root = path.join(folder, 'dnf');
    cpSync(made(x64.rpm), path.join(root, 'root/runbook.rpm'));
    const dnf = "dnf --assumeyes --disablerepo='*'";
    const alone = await inRoot(root, `${dnf} install /root/runbook.rpm`);
    assert.is(alone.exitCode, 1, alone.stdout);
    assert.match(alone.stderr + alone.stdout, 'nothing provides libatomic.so.1()(64bit)');

    cpSync(await makeLibrariesRpm(made(x64.rpm), folder), path.join(root, 'root/libraries.rpm'));
    await printed(root, `${dnf} install /root/libraries.rpm /root/runbook.rpm`);
    assert.match(await printed(root, DEMO), '2 updated, 1 current');
    await printed(root, `${dnf} remove runbook`);
    assert.not(existsSync(path.join(root, 'usr/bin/runbook')));
    assert.ok(existsSync(path.join(root, 'var/lib/runbook/lab')));
  });

  test('the tar.xz works where it is unpacked, and with a link to it', async () => {
    const root = path.join(folder, 'trixie');
    const unpacked = path.join(root, `opt/runbook-${VERSION}-linux-x64`);
    await succeed('tar', ['-xJf', made(x64.archive), '-C', path.join(root, 'opt')]);
    const line = `ln -s /opt/runbook-${VERSION}-linux-x64/bin/runbook /usr/local/bin/; runbook doctor --format json`;
    const { stdout } = await inRoot(root, line);
    assert.match(stdout, `"found": "/opt/runbook-${VERSION}-linux-x64/lib/runbook/koffi.node`);
    assert.match(stdout, /"check": "libatomic",\s+"status": "ok",\s+"found": "\/\S+\/libatomic\.so/);

    // As the README has it, from the folder that was unpacked.
    const plan = 'runbook plan playbooks/upgrade-expanders.yml --lab playbooks/upgrade-expanders.lab.yml';
    const { stdout: planned } = await inRoot(root, plan, `/opt/runbook-${VERSION}-linux-x64`);
    assert.match(planned, '2 to update, 1 current');

    // Without it nothing of the program runs: the dynamic linker names it, and INSTALL the package that has it.
    await printed(root, 'dpkg --remove libatomic1');
    const without = await inRoot(root, 'runbook doctor');
    assert.is(without.exitCode, 127, without.stdout);
    assert.match(without.stderr, 'libatomic.so.1');
    assert.match(readFileSync(path.join(unpacked, 'INSTALL'), 'utf8'), 'apt install libatomic1');
    assert.equal(brokenLinks(path.join(unpacked, 'README.md')), []);
  });

  test('a second build of the same commit is the same, byte for byte', async () => {
    await beside.again;
    for (const name of [...Object.values(x64), COMMON.npm, COMMON.sbom])
      assert.is(sha256(path.join(again, name)), sha256(made(name)), name);
    // Of the other processor what is in the packages: packing was compared above.
    const unpacked = path.join(folder, 'arm64');
    await succeed('dpkg-deb', ['-x', made(arm64.deb), unpacked]);
    const packed = entriesOf(unpacked);
    for (const [name, entry] of entriesOf(path.join(againTrees, 'work/arm64/tree')))
      // The .deb has that for zsh in another place.
      if (!name.startsWith('usr/share/zsh/')) assert.is(packed.get(name), entry, name);
  });

  test('lintian and rpmlint find no error', async () => {
    const lintian = await beside.lintian!;
    assert.is(lintian.exitCode, 0, lintian.stdout + lintian.stderr);
    const rpmlint = await beside.rpmlint!;
    assert.match(rpmlint.stdout, / 0 errors, /, rpmlint.stdout + rpmlint.stderr);
  });

  test('the package for npm installs without fetching anything', async () => {
    const prefix = path.join(folder, 'npm');
    await succeed('npm', ['install', '--global', '--offline', '--prefix', prefix, made(COMMON.npm)]);
    const { stdout } = await runChild(path.join(prefix, 'bin/runbook'), ['doctor', '--format', 'json']);
    assert.match(stdout, `${prefix}/lib/node_modules/runbook/dist/linux_${process.arch}/koffi.node`);
    assert.match(stdout, `"version": "${VERSION}"`);
  });

  test('that for arm64 starts, and checks a playbook', async () => {
    const root = path.join(folder, 'arm64-root');
    const libraries = ['libc6', 'libstdc++6', 'libgcc-s1', 'libatomic1'];
    await succeed('mmdebstrap', [
      ...['--quiet', '--variant=extract', '--architectures=arm64', '--skip=check/qemu'],
      ...[`--include=${libraries.join(',')}`, 'bookworm', root],
    ]);
    await succeed('dpkg-deb', ['-x', made(arm64.deb), root]);
    const doc = path.join(root, 'usr/share/doc/runbook');
    const run = (...words: string[]) =>
      runChild('qemu-aarch64-static', ['-L', root, path.join(root, 'usr/bin/runbook'), ...words], {
        cwd: doc,
        env: { RUNBOOK_STATE_DIR: undefined },
      });
    const told = await run('--version');
    assert.match(told.stdout, /koffi [\d.]+, arm64\)\n$/, told.stderr);
    assert.is(told.stderr, '', 'no warning');
    const words = ['--lab', 'playbooks/upgrade-expanders.lab.yml', 'playbooks/upgrade-expanders.yml'];
    const valid = await run('validate', ...words);
    assert.is(valid.exitCode, 0, valid.stderr);
    const doctor = await run('doctor', '--format', 'json');
    assert.match(doctor.stdout, '/usr/lib/runbook/koffi.node, ', doctor.stdout + doctor.stderr);
  });
} else {
  missing('package', problem);
  test.skip('packages are made, installed and removed');
}

test.run();
