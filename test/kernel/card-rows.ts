import { readFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import path from 'node:path';
import type { TraceRecord } from '../../src/transport/trace-record.ts';
import { inProject } from '../support/paths.ts';
import { commandsByRow } from './card-log.ts';
import type { CardCommand } from './card-log.ts';
import { bundleForGuest } from './guest-bundle.ts';
import { runGuest, stepOf } from './rig.ts';
import type { Guest, GuestStep } from './rig.ts';
import { SERVED_LIBRARY } from './served-steps.ts';
import { readTrace } from './trace-facts.ts';
import { PROGRAM_LIBRARY } from './upgrade-steps.ts';

/** One command line in a guest whose units `guest-cards.ts` serves (`lab.yml`). */
export interface CardRow {
  readonly name: string;
  /** Shell, before the row is marked in the log of the cards. */
  readonly before?: string;
  /** Behind `runbook`; $WORK is at hand. */
  readonly words: string;
  /** As an ordinary user, who may not open nodes. */
  readonly asNobody?: true;
  /** Shell that runs it; `runbook` and the words where it is not given. */
  readonly script?: string;
  /** Shell, whose output is `peer`. */
  readonly after?: string;
}

/** What came out of one row. */
export interface RowEnd {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
  /** What `after` printed, line by line: of the kernel, or of another program. */
  readonly peer: readonly string[];
  /** Commands that reached a unit during the row. */
  readonly commands: readonly CardCommand[];
  readonly file: (name: string) => string;
  readonly trace: (name: string) => readonly TraceRecord[];
}

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

function stepOfRow({ name, before = '', words, asNobody, script, after = '' }: CardRow): GuestStep {
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

/** Boots a guest that runs the rows one after the other; the folder has the lab, its images and the playbooks. Rejects where no unit came up. */
export async function runRows(
  rows: readonly CardRow[],
  { directory, modules, timeLimitMs }: Pick<Guest, 'directory' | 'modules' | 'timeLimitMs'>,
): Promise<(row: CardRow) => RowEnd> {
  await cp(inProject('dist'), path.join(directory, 'program'), { recursive: true });
  await bundleForGuest('test/kernel/guest-cards.ts', path.join(directory, 'cards.cjs'), directory);
  const guest = await runGuest({
    directory,
    modules,
    preparation: PROGRAM_LIBRARY + SERVED_LIBRARY + LIBRARY,
    steps: [{ name: 'up', script: 'cards_up; lsscsi -g' }, ...rows.map(stepOfRow)],
    timeLimitMs,
  });
  const up = stepOf(guest, 'up');
  if (up.exitCode !== 0) throw new Error(up.stderr);
  const log = readFileSync(path.join(directory, 'cards.jsonl'), 'utf8');
  const commands = commandsByRow(`{"row":"up"}\n${log}`);
  return ({ name }) => {
    const { exitCode, stdout, stderr } = stepOf(guest, name);
    const [out = '', after = ''] = stdout.split(`\n${AFTER}\n`);
    return {
      exitCode,
      out,
      err: stderr,
      peer: after.trimEnd().split('\n'),
      commands: commands.get(name) ?? [],
      file: (file) => readFileSync(path.join(directory, file), 'utf8'),
      trace: (file) => readTrace(path.join(directory, `${file}.trace`)),
    };
  };
}
