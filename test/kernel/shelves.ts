import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { PersonaName } from '../../src/simulator/personas.ts';
import { standardImage } from '../../src/simulator/lab-images.ts';
import type { GuestStep } from './rig.ts';

const IMAGE_BYTES = 1024 * 1024;
export const OLD_REVISION = '0100';
export const NEW_REVISION = '2.10';

/** One kind of shelf, upgraded by sg_ses_microcode and by runbook, each on a unit of its own. */
interface Row {
  readonly persona: PersonaName;
  /** Of sg_ses_microcode, beside `--in`. */
  readonly options: string;
  /** `download` and `activate` of the playbook. */
  readonly download: string;
  readonly activate?: string;
  /** The unit hangs afterwards: whoever looks at it waits, so that it comes last. */
  readonly hangs?: boolean;
}

const READY = '[wait-ready: 30s]';
const SAVE = '{via: ses, mode: dmc_offs_save, bpw: 4096}';

export const ROWS: readonly Row[] = [
  { persona: 'ses-shelf', options: '-m dmc_offs_save -b 4k', download: SAVE },
  { persona: 'ses-shelf-immediate', options: '-m dmc_offs_save -b 4k', download: SAVE },
  {
    persona: 'ses-shelf-deferred',
    options: '-m dmc_offs_defer -b 4k,act',
    download: '{via: ses, mode: dmc_offs_defer, bpw: 4096}',
    activate: '[activate_mc, wait-ready: 30s]',
  },
  { persona: 'ses-shelf-non', options: '-m dmc_offs_save -b 4k', download: SAVE },
  { persona: 'ses-shelf-ealsd', options: '-m dmc_offs_save -b 4k', download: SAVE },
  {
    persona: 'ses-shelf-chunk-lockup',
    options: '-m dmc_offs_save -b 8k',
    download: '{via: ses, mode: dmc_offs_save, bpw: 8192, timeout: 5s}',
    activate: '[wait-ready: 2s]',
    hangs: true,
  },
  { persona: 'ses-shelf-status-83', options: '-m dmc_offs_save -b 4k', download: SAVE },
];

const place = (persona: PersonaName): number => ROWS.findIndex((row) => row.persona === persona);
const peerNode = (persona: PersonaName): string => `/dev/sg${2 * place(persona)}`;
export const ourNode = (persona: PersonaName): string => `/dev/sg${2 * place(persona) + 1}`;

/** Writes `lab.yml` with two units of each row, `image.bin`, and one playbook for each row. */
export async function writeShelves(directory: string): Promise<void> {
  const image = standardImage(IMAGE_BYTES);
  const sha256 = createHash('sha256').update(image).digest('hex');
  const unit = ({ persona }: Row): string => `  - {persona: ${persona}, revision: "${OLD_REVISION}"}`;
  const lab = `lab: v1
images: [{name: image.bin, bytes: ${IMAGE_BYTES}, rule: standard, revision: "${NEW_REVISION}"}]
devices:
${ROWS.flatMap((row) => [unit(row), unit(row)]).join('\n')}
`;
  await writeFile(path.join(directory, 'image.bin'), image);
  await writeFile(path.join(directory, 'lab.yml'), lab);
  for (const { persona, download, activate = READY, hangs } of ROWS) {
    const text = `runbook: v1
name: ${persona}
plays:
  - name: shelf
    match: {type: enclosure, vendor: LAB, product: SES SHELF, revision: ["${OLD_REVISION}"]}
    firmware: {file: image.bin, sha256: ${sha256}, revision: "${NEW_REVISION}"}
    download: ${download}
    activate: ${activate}
    verify: {within: ${hangs === true ? '2s' : '20s'}, paths: ignore}
strategy: {redundancy: outage-accepted}
`;
    await writeFile(path.join(directory, `${persona}.yml`), text);
  }
}

/** A unit that hangs must not hold up the others: sg_inq would wait for a minute. */
export const SHELF_LIBRARY = `
revision_or_silence() {
  if sg_raw -t 2 -r 36 -o /run/inquiry "$1" 12 00 00 00 24 00 2>/dev/null; then tail -c 4 /run/inquiry; echo
  else echo silent; fi
}

set_state() { echo "$2" >"/sys/class/scsi_generic/\${1##*/}/device/state"; }

# begun PROCESS TRACE: comes back when the process has sent something to a device, or has ended. One that looks at the
# units may be in the way of another that begins, and is held up by one that hangs.
begun() { until [[ ! -d /proc/$1 || ( -e $2 && $(<"$2") == *'"dir":"out"'* ) ]]; do nap 0.1; done; }

# giving_up NODE TRACE COMMAND…: takes the unit offline when one of the command's commands has run into its time-out. The
# kernel does so by itself where resets do not help; here they do, and each further look would take its 20 s.
giving_up() {
  local node=$1 trace=$2 watcher
  shift 2
  when_traced "$trace" '"host":3' 1 set_state "$node" offline &
  watcher=$!
  "$@"
  kill $watcher 2>/dev/null
  set_state "$node" running
}

# resetting NODE COMMAND…: resets the unit every other second while the command runs. The command waits for two hours.
resetting() {
  local node=$1 process
  shift
  "$@" &
  process=$!
  while nap 2; [[ -d /proc/$process ]]; do sg_reset -d "$node"; done
  wait $process
}
`;

const revisions = (node: (persona: PersonaName) => string): string =>
  ROWS.map(({ persona }) => `revision_or_silence ${node(persona)}`).join('\n');

const upgradeByPeer = ({ persona, options, hangs }: Row): string => {
  const patience = hangs === true ? `resetting ${peerNode(persona)} ` : '';
  return `{ ${patience}sg_ses_microcode ${options} -I "$WORK/image.bin" ${peerNode(persona)}; echo $? >"$WORK/${persona}.peer"; }`;
};
const traceOf = ({ persona }: Row): string => `"$WORK/${persona}.trace"`;
const upgradeByUs = (row: Row): string => {
  const { persona, hangs } = row;
  const patience = hangs === true ? `giving_up ${ourNode(persona)} ${traceOf(row)} ` : '';
  return `${patience}runbook apply "$WORK/${persona}.yml" --yes --format json --only ${ourNode(persona)} --trace ${traceOf(row)} >"$WORK/${persona}.json" 2>"$WORK/${persona}.err"`;
};

export const SHELF_STEPS: readonly GuestStep[] = [
  { name: 'up', script: `lab_up shelves; for each in /dev/sg*; do ready $each; done` },
  {
    // All side by side: most of the time somebody waits for a device.
    name: 'upgrades',
    script: [
      ...[...ROWS]
        .sort((a, b) => Number(a.hangs === true) - Number(b.hangs === true))
        .map((row) => `${upgradeByUs(row)} &\nbegun $! ${traceOf(row)}\n${upgradeByPeer(row)} &`),
      'wait',
    ].join('\n'),
  },
  { name: 'peer-after', script: revisions(peerNode) },
  { name: 'our-after', script: revisions(ourNode) },
  { name: 'power', script: 'runbook lab power-cycle >/dev/null' },
  { name: 'peer-power', script: revisions(peerNode) },
  { name: 'our-power', script: revisions(ourNode) },
  { name: 'down', script: 'runbook lab down; what_is_left' },
];
