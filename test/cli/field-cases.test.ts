import * as assert from 'uvu/assert';
import { readdirSync, readFileSync } from 'node:fs';
import { standardImage } from '../../src/simulator/lab-images.ts';
import { inProject } from '../support/paths.ts';
import { suite } from '../support/suite.ts';
import { fixture } from './document.ts';
import { KeptLab } from './kept-lab.ts';
import type { Told } from './kept-lab.ts';

/* What people met with real devices, and what strangers tried: each was answered wrongly once. */

const test = suite('field cases: what was answered wrongly once');

const used = new Set<string>();
function input(name: string): string {
  used.add(name);
  return readFileSync(fixture(`field-cases/${name}`), 'utf8');
}

/** Runs a story on the host of a lab file. */
function story(
  title: string,
  lab: string,
  tell: (host: KeptLab) => Promise<void>,
  shortened: (text: string) => string = (text) => text,
): void {
  test(title, async () => {
    const host = new KeptLab(shortened(input(lab)));
    try {
      await tell(host);
    } finally {
      host.remove();
    }
  });
}

const apply = (host: KeptLab, name: string, ...options: string[]): Promise<Told> =>
  host.apply(input(name), ...options);

function ends(told: Told, exit: string, outcomes: readonly string[], codes: readonly string[] = []): void {
  const { devices = [] } = told.document;
  const reasons = devices.map(({ reason }) => reason).join('\n');
  assert.equal([told.exit, told.outcomes, told.codes], [exit, outcomes, codes], reasons);
}

story('a tape drive without a cartridge is ready for microcode', 'lto-empty-drive.lab.yml', async (host) => {
  const shipped = readFileSync(inProject('playbooks/lto-drive.yml'), 'utf8');
  ends(await host.apply(shipped), 'OK', ['updated']);
});

story('a serial number that the new code shortens', 'serial-shortens.lab.yml', async (host) => {
  const undeclared = await apply(host, 'serial-shortens.yml');
  // The second drive is not begun: a unit that is not as before ends the run.
  ends(undeclared, 'HALTED', ['degraded', 'skipped'], ['serial-changed', 'too-many-failures']);
  assert.equal(undeclared.document.devices![0]!.changed, [
    { what: 'serial-number', before: 'Z1Z0ABCD0000C3300XYZ', after: 'Z1Z0ABCD' },
  ]);
  const declared = input('serial-shortens.yml').replace(
    'revision: NA01}',
    'revision: NA01, serial: may-change}',
  );
  const second = await host.apply(declared, '--only', 'sg2');
  ends(second, 'OK', ['updated']);
  assert.equal(second.document.devices![0]!.changed, [
    { what: 'serial-number', before: 'Z1Z0ABCE0000C3300XYY', after: 'Z1Z0ABCE' },
  ]);
});

/** In seconds what takes half a minute. */
const sooner = (text: string): string => text.replace(/\b30s/, '8s').replace(/\b2m/g, '16s');

story(
  'verify waits for a drive that boots slowly, and says so',
  'boots-30s.lab.yml',
  async (host) => {
    ends(await host.apply(sooner(input('boots-30s.yml'))), 'PENDING', ['pending'], ['event-pending']);
    await host.powerCycle('sg1');
    const { exitCode, stdout } = await host.run('verify');
    assert.is(exitCode, 0, stdout);
    assert.match(stdout, /GX03 +GX05 +updated/);
  },
  sooner,
);

story('activation alone takes only the image that is pinned', 'two-images.lab.yml', async (host) => {
  ends(await apply(host, 'evil.yml'), 'PENDING', ['pending'], ['event-pending']);
  ends(await apply(host, 'wb2.yml'), 'REFUSED', ['refused'], ['other-image-waits']);
  assert.is(await host.shows('sg1'), '2.08');
});

for (const later of ['sd2.yml', 'slow.yml']) {
  story(`a shelf activates by page 0Eh what it was sent before: ${later}`, 'sd.lab.yml', async (host) => {
    ends(await apply(host, 'sd1.yml'), 'PENDING', ['pending'], ['event-pending']);
    const window = await apply(host, later);
    ends(window, 'OK', ['updated']);
    assert.is(window.document.devices![0]!.chunks, 0, 'nothing is sent again');
  });
}

story('an image that is not saved is accepted by a word', 'immediate.lab.yml', async (host) => {
  const silent = await apply(host, 'ns.yml');
  assert.is(silent.exit, 'INVALID');
  assert.equal(
    silent.document.diagnostics.map(({ code }) => code),
    ['not-saved'],
  );
  assert.is(await host.shows('sg1'), '0100');
  const accepted = await host.apply(input('ns.yml').replace('bpw: 4096', 'bpw: 4096, not-saved: accepted'));
  ends(accepted, 'OK', ['updated']);
  assert.match(accepted.document.devices![0]!.reason!, /not saved/);
  await host.powerCycle('sg1');
  assert.is(await host.shows('sg1'), '0100');
});

for (const name of ['two', 'twod', 'twowb']) {
  story(`one image in two files: ${name}`, `${name}.lab.yml`, async (host) => {
    const whole = standardImage(64 * 1024);
    host.file('a.bin', whole.subarray(0, whole.length / 2));
    host.file('b.bin', whole.subarray(whole.length / 2));
    ends(await apply(host, `${name}.yml`), 'OK', ['updated']);
  });
}

story('a waiting image of somebody else is not replaced', 'one.lab.yml', async (host) => {
  ends(await apply(host, 'wb1.yml'), 'PENDING', ['pending'], ['event-pending']);
  host.forget();
  ends(await apply(host, 'one.yml'), 'REFUSED', ['refused'], ['foreign-image']);
  ends(await apply(host, 'one.yml', '--take-over'), 'OK', ['updated']);
});

story('a unit that is skipped: exit code and text are true', 'three.lab.yml', async (host) => {
  const skipping = await apply(host, 'skip.yml');
  ends(skipping, 'REFUSED', ['updated', 'refused', 'updated'], ['revision-not-listed']);
  const again = await host.run('apply', host.file('playbook.yml', input('skip.yml')), '--yes');
  assert.is(again.exitCode, 4);
  assert.match(
    again.stdout,
    /^exit 4 \(REFUSED\): a unit, or the whole run, was refused before its first byte$/m,
  );
});

story('a mode that the card does not know: nothing was written', 'oldcard.lab.yml', async (host) => {
  const unknown = await apply(host, 'one.yml');
  ends(unknown, 'REFUSED', ['refused'], ['mode-not-supported']);
  const { message, next } = unknown.document.devices![0]!.error!;
  assert.match(`${message} ${next}`, /dmc_offs_defer/);
  assert.match(`${message} ${next}`, /mode|otherwise/);
  // The corrected playbook needs no --retry.
  ends(await apply(host, 'one7.yml'), 'OK', ['updated']);
});

story('hpsa drives plain adapters, too: a word with its risk', 'hpsa.lab.yml', async (host) => {
  const refused = await apply(host, 'one.yml');
  ends(refused, 'REFUSED', ['refused'], ['raid-adapter']);
  assert.match(refused.document.devices![0]!.error!.next, /raid-adapter: accepted/);
  ends(await host.apply(`${input('one.yml')}strategy: { raid-adapter: accepted }\n`), 'OK', ['updated']);
});

story('of 200 units one fails: it stands last, and alone', 'two-hundred-one-fails.lab.yml', async (host) => {
  const playbook = host.file('playbook.yml', input('two-hundred-one-fails.yml'));
  const { exitCode, stdout } = await host.run('apply', playbook, '--yes');
  assert.is(exitCode, 7, stdout);
  const lines = stdout.trimEnd().split('\n');
  assert.ok(lines.length < 40, stdout);
  // The table, the reasons and the counts: nothing stands behind what failed but the counts.
  const failed = lines.findIndex((line) => line.startsWith('sg30 failed'));
  assert.ok(failed > lines.findIndex((line) => /\(168 devices\) skipped/.test(line)), stdout);
  assert.match(lines[lines.length - 1]!, /^exit 7 \(HALTED\)/);
});

/** Line and column of a mistake, its code, and what leads to the right words. */
const MISTAKES: Readonly<Record<string, readonly [place: string, code: string, hint: RegExp]>> = {
  '20-merge.yml': ['17:17', 'merge-key', /./],
  '37-missing-colon.yml': ['8:7', 'yaml', /vendor: ACME/],
  '53-env.yml': ['13:13', 'image-missing', /\$\{FW\}/],
  '55-smart-quotes.yml': ['10:18', 'typographic-quotes', /"0308"/],
  '56-nbsp.yml': ['8:14', 'yaml', /space/],
  '80-two.yml': ['11:13', 'expect', /1\.\.4/],
};

for (const [name, [place, code, hint]] of Object.entries(MISTAKES)) {
  story(`a mistake whose message leads to it: ${name}`, 'one.lab.yml', async (host) => {
    host.file('acme-exp-0312.bin', standardImage(64 * 1024));
    const { exit, document } = await host.told('validate', host.file('p.yml', input(`mistakes/${name}`)));
    assert.is(exit, 'INVALID');
    const said = document.diagnostics.map((one) => `${one.line}:${one.column} ${one.code}`);
    assert.ok(said.includes(`${place} ${code}`), said.join('\n'));
    const [found] = document.diagnostics.filter((one) => one.code === code);
    assert.match(`${found!.message} ${found!.hint}`, hint);
    // All mistakes come in one round: those of the image, too.
    if (name === '80-two.yml')
      assert.ok(
        said.some((one) => one.endsWith(' image-missing')),
        said.join('\n'),
      );
  });
}

test('every input is of a case', () => {
  const names = readdirSync(fixture('field-cases'), { recursive: true, encoding: 'utf8' });
  const inputs = names.filter((name) => name.endsWith('.yml'));
  assert.equal(
    inputs.filter((name) => !used.has(name)),
    [],
  );
});

test.run();
