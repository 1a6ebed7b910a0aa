import * as assert from 'uvu/assert';
import { readFileSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inProject } from '../support/paths.ts';
import { missing, suite } from '../support/suite.ts';
import { commandsByRow } from './card-log.ts';
import type { CardCommand } from './card-log.ts';
import { bundleForGuest } from './guest-bundle.ts';
import { OPTION_MODULES, serialOf, writeOptionLab } from './option-lab.ts';
import type { OptionRow, Seen } from './option-row.ts';
import { ROWS } from './option-rows.ts';

import { namesIn, requiredNames, wrongReasons } from './option-table.ts';
import { rigProblem, runGuest, stepOf } from './rig.ts';
import type { GuestRun, GuestStep } from './rig.ts';
import { SERVED_LIBRARY } from './served-steps.ts';
import { readTrace } from './trace-facts.ts';
import { PROGRAM_LIBRARY } from './upgrade-steps.ts';

const LIBRARY = `
hctl() { local unit=(/sys/class/scsi_generic/$1/device/scsi_device/*); echo "\${unit[0]##*/}"; }

# link_node CLASS NAME NODE: makes a node for an entry of sysfs.
link_node() {
  local major minor kind=c
  IFS=: read -r major minor <"/sys/class/$1/$2/dev"
  [[ $1 == block ]] && kind=b
  mknod "$3" $kind "$major" "$minor"
}

# What udev does, for as long as a row takes.
udev() { while true; do make_nodes; nap 0.1; done; }

# The folders above $WORK are root's alone.
as_nobody() {
  [[ -e /run/program ]] || { mkdir -p /run/program && mount --bind "$WORK/program" /run/program; }
  setpriv --reuid=65534 --regid=65534 --clear-groups env -u RUNBOOK_STATE_DIR HOME=/run/nobody "$@"
}

cards_up() {
  node "$WORK/cards.cjs" "$WORK/lab.yml" "$WORK/cards.jsonl" >"$WORK/cards.out" 2>"$WORK/cards.err" </dev/null &
  echo $! >/run/cards.pid
  until [[ -s $WORK/cards.out ]]; do
    [[ -d /proc/$! ]] || { cat "$WORK/cards.err" >&2; return 1; }
    nap 0.05
  done
  chmod 600 /dev/sg*
  mkdir /run/nobody && chown 65534 /run/nobody
  cat "$WORK/cards.out"
}
`;

/** Between what the program printed and what was seen afterwards. */
const AFTER = '@@ after';

function stepOfRow({ name, before = '', words, asNobody, script, after = '' }: OptionRow): GuestStep {
  const start = asNobody === true ? 'as_nobody node /run/program/runbook.cjs' : 'runbook';
  return {
    name,
    script: `{ :
${before}
} >&2
echo '{"row":"${name}"}' >>"$WORK/cards.jsonl"
${script ?? `${start} ${words}`}
code=$?
echo; echo '${AFTER}'
${after}
exit $code`,
  };
}

const test = suite('options on a real kernel');
const problem = rigProblem();
let directory = '';
let guest: GuestRun;
let commands: ReadonlyMap<string, readonly CardCommand[]>;

/** What came out of a row, and whether somebody looked at what only the node can give. */
function seenOf({ name }: OptionRow): { readonly seen: Seen; readonly isEvident: () => boolean } {
  const { exitCode, stdout, stderr } = stepOf(guest, name);
  const [out = '', after = ''] = stdout.split(`\n${AFTER}\n`);
  let looked = false;
  const seen: Seen = {
    exitCode,
    out,
    err: stderr,
    get peer() {
      looked = true;
      return after.trimEnd().split('\n');
    },
    cards: (unit) => {
      looked = true;
      const all = commands.get(name) ?? [];
      return unit === undefined ? all : all.filter((command) => command.unit === serialOf(unit));
    },
    file: (file) => readFileSync(path.join(directory, file), 'utf8'),
    trace: (file) => readTrace(path.join(directory, `${file}.trace`)),
  };
  return { seen, isEvident: () => looked };
}

test.before(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'runbook-options-'));
  await writeOptionLab(directory);
});
test.after(() => rm(directory, { recursive: true, force: true }));

test('every option of every command, and every activation step, has a row that runs it on a node', () => {
  const run = new Set(ROWS.flatMap(({ words }) => namesIn(words, directory)));
  assert.equal(
    requiredNames().filter((name) => !run.has(name)),
    [],
    'never run on a node: give them a row (option-rows.ts)',
  );
});

test('who is excused from running on a node opens none', () => assert.equal(wrongReasons(), []));

if (problem === null) {
  test.before(async () => {
    await cp(inProject('dist'), path.join(directory, 'program'), { recursive: true });
    await bundleForGuest('test/kernel/guest-cards.ts', path.join(directory, 'cards.cjs'), directory);
    guest = await runGuest({
      directory,
      modules: OPTION_MODULES,
      preparation: PROGRAM_LIBRARY + SERVED_LIBRARY + LIBRARY,
      steps: [{ name: 'up', script: 'cards_up; lsscsi -g' }, ...ROWS.map(stepOfRow)],
      timeLimitMs: 12 * 60_000,
    });
    assert.is(stepOf(guest, 'up').exitCode, 0, stepOf(guest, 'up').stderr);
    commands = commandsByRow(`{"row":"up"}\n${readFileSync(path.join(directory, 'cards.jsonl'), 'utf8')}`);
  });

  for (const row of ROWS) {
    test(`${row.name}: runbook ${row.words}`, () => {
      const { seen, isEvident } = seenOf(row);
      row.proves(seen);
      assert.ok(isEvident(), 'the row asserts nothing that only the node can give');
    });
  }
} else {
  missing('kernel', problem);
  test.skip(`${ROWS.length} command lines on a kernel`);
}

test.run();
