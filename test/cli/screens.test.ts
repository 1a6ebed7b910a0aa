import * as assert from 'uvu/assert';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { hasProgram, testWith } from '../support/programs.ts';
import { suite } from '../support/suite.ts';
import { Terminals, type Shot } from '../support/tmux.ts';
import { fixture } from './document.ts';

// What a person sees on terminals of three sizes, of one device, of some and of many: while a run goes on, when somebody stops it, when
// devices fail, and when one does not answer.

const SIZES = [
  [80, 24],
  [120, 40],
  [60, 12],
] as const;
const COUNTS = [1, 12, 200] as const;

const CARD = 'persona: hp-sas-expander, revision: "2.08", restart: { ready-after: 20ms }';
const MUTE = CARD.replace('expander', 'expander-mute');
/** The fifth of 16 commands is refused. */
const REFUSED = 'faults: [{ command: write-buffer, nth: 5, times: 0, sense: "5/26/00" }]';
/** The sixth one gets no answer. */
const STALLED = 'faults: [{ command: write-buffer, nth: 6, delay: 10m }]';

type Rows = readonly (readonly [count: number, card: string, faults?: string])[];

const LABS: Readonly<Record<string, { readonly latency: string; readonly rows: (devices: number) => Rows }>> =
  {
    running: { latency: '400ms', rows: (devices) => [[devices, CARD]] },
    failing: {
      latency: '2ms',
      rows: (devices) =>
        devices === 1
          ? [[1, CARD, REFUSED]]
          : [
              [devices / 4, CARD],
              [3, CARD, REFUSED],
              // Of many, one cause is one screen.
              devices < 100 ? [1, MUTE] : [1, CARD],
              [devices - devices / 4 - 4, CARD],
            ],
    },
    stalled: {
      latency: '5ms',
      rows: (devices) => [[1, CARD, STALLED], ...(devices === 1 ? [] : [[devices - 1, CARD] as const])],
    },
  };

const folder = mkdtempSync(path.join(tmpdir(), 'runbook-screens-'));
const terminals = new Terminals();

function labOf(kind: string, devices: number): string {
  const { latency, rows } = LABS[kind]!;
  const file = path.join(folder, `${kind}-${devices}.lab.yml`);
  const list = rows(devices).map(
    ([count, card, faults]) =>
      `  - { ${[card, `count: ${count}`, `latency: ${latency}`, ...(faults === undefined ? [] : [faults])].join(', ')} }\n`,
  );
  const image = '{ name: PUF21000.bin, bytes: 64KiB, rule: standard, revision: "2.10" }';
  writeFileSync(file, `lab: v1\nimages: [${image}]\ndevices:\n${list.join('')}`);
  return file;
}

const playbook = path.join(folder, 'cards.yml');
const nameOf = (kind: string, devices: number, [columns, rows]: readonly [number, number]): string =>
  `${kind}-${devices}-${columns}x${rows}`;

async function each(
  visit: (devices: number, size: readonly [number, number]) => Promise<void>,
): Promise<void> {
  await Promise.all(COUNTS.flatMap((devices) => SIZES.map((size) => visit(devices, size))));
}

const HEAD = /^\d+ devices?: /;
/** The picture: from its first line on; below the plan, above the report. */
function pictureOf({ lines }: Shot): string {
  const at = lines.findLastIndex((line) => HEAD.test(line));
  assert.ok(at >= 0, lines.join('\n'));
  return lines.slice(at).join('\n');
}

/** What is there once it is over: the last counts of the picture, and the report. */
function reportOf({ all }: Shot): readonly string[] {
  return all.slice(all.findLastIndex((line) => HEAD.test(line)));
}

function fits({ all }: Shot, columns: number): void {
  assert.equal(
    all.filter((line) => line.length > columns),
    [],
    `lines that the terminal of ${columns} columns had to break`,
  );
}

/** What the second ^C is answered with, and its end. */
const AGAIN =
  'half written and will be finished first. A device with half an image may never start again; ' +
  'kill -KILL ends runbook, not that risk';

const flat = (lines: readonly string[]): string => lines.join(' ').replaceAll(/\s+/g, ' ');

const isOver = (lines: readonly string[]): boolean => lines.some((line) => /^exit \d+ \(/.test(line));

const test = suite('screens');
const onTmux = testWith(test, 'tmux');

test.before(async () => {
  if (!hasProgram('tmux')) return;
  const text = readFileSync(fixture('one-at-a-time.yml'), 'utf8');
  writeFileSync(
    playbook,
    text.replace('within: 3s', 'within: 8s').replace('concurrent: 1', 'concurrent: 16, max-failures: 100'),
  );
  for (const kind of ['stalled', 'failing', 'running'])
    await each(async (devices, size) => {
      const args = ['apply', playbook, '--lab', labOf(kind, devices), '--yes'];
      await terminals.start(nameOf(kind, devices, size), ...size, args);
    });
});

test.after(async () => {
  if (hasProgram('tmux')) await terminals.close();
  rmSync(folder, { recursive: true, force: true });
});

onTmux(
  'running: percent of what was sent, elapsed and remaining time with their words; then ^C, told whole',
  () =>
    each(async (devices, size) => {
      const name = nameOf('running', devices, size);
      const shot = await terminals.until(name, 'running', (lines) =>
        lines.some((line) => line.endsWith(' left')),
      );
      fits(shot, size[0]);
      const picture = pictureOf(shot);
      const [, percent] = /(\d+) % of [\d.]+ [KM]iB sent, elapsed 0:\d\d/.exec(picture) ?? [];
      // 16 at once: of 200 devices no more can have been sent.
      assert.ok(Number(percent) <= (100 * Math.min(16, devices)) / devices, picture);
      assert.ok(picture.split('\n').length <= size[1] - 2, picture);
      await terminals.type(name, 'C-c');
      const isHalf = devices === 1 ? '1 device is' : `${Math.min(16, devices)} devices are`;
      const first = `SIGINT: no other device is started; ${isHalf} half written and will be finished first`;
      fits(await terminals.until(name, 'stopping', (lines) => flat(lines).includes(first)), size[0]);
      await terminals.type(name, 'C-c');
      fits(await terminals.until(name, 'stopping-still', (lines) => flat(lines).includes(AGAIN)), size[0]);
      const ended = await terminals.until(name, 'stopped', isOver);
      fits(ended, size[0]);
      const report = flat(reportOf(ended));
      assert.not.match(report, 'finished first');
      if (devices > 16) assert.is(report.split('stopped by SIGINT before the first byte').length, 2, report);
      assert.match(
        ended.lines.at(-1)!,
        devices > 16 ? 'exit 130 (INTERRUPTED): stopped by INT' : 'exit 0 (OK)',
      );
    }),
);

onTmux(
  'failing: equal reasons once with a count, failures last and alone, the next step on the last screen',
  () =>
    each(async (devices, size) => {
      const shot = await terminals.until(nameOf('failing', devices, size), 'failed', isOver);
      fits(shot, size[0]);
      const report = reportOf(shot);
      const refused = devices === 1 ? 1 : 3;
      const sent = Math.floor((100 * (16 * (devices - refused) + 4 * refused)) / (16 * devices));
      assert.match(report.slice(0, 2).join(' '), `${sent} % of `);
      const text = report.join('\n');
      assert.is(text.split('5/26/00').length, 2, text);
      assert.match(
        text,
        devices === 1 ? /^sg0 failed/m : new RegExp(`^sg${devices / 4} sg\\d+ sg\\d+ failed`, 'm'),
      );
      if (devices === 200 && size[0] >= 80) assert.ok(report.length <= 20, text);
      // The screen as it is left: what to do, how many, and how it ended.
      const last = shot.lines.join('\n');
      assert.match(last, /^ {2}next: /m);
      assert.match(last, /runbook history \d{8}T\S+$/m);
      assert.match(last, devices === 1 ? /^1 failed$/m : /failed/);
      assert.match(shot.lines.at(-1)!, 'exit 1 (FAILED)');
    }),
);

onTmux('stalled: no rate any more, but for how long nothing has come', () =>
  each(async (devices, size) => {
    const shot = await terminals.until(nameOf('stalled', devices, size), 'stalled', (lines) =>
      lines.some((line) => line.includes('no answer for ')),
    );
    fits(shot, size[0]);
    const picture = pictureOf(shot);
    const line = picture.split('\n').find((one) => one.includes('no answer for '))!;
    assert.match(line, /^ {2}sg0 .*31 % {2}no answer for \d+ s$/);
    assert.ok(Number(/for (\d+) s/.exec(line)![1]) >= 30);
    assert.not.match(picture, /B\/s/);
    assert.match(picture, /without\s+an\s+answer/);
    if (devices > 1) assert.match(picture, `${devices - 1} updated`);
  }),
);

test.run();
