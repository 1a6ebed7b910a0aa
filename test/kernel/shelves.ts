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
  /** What is upgraded instead of the shelf as a whole, as its configuration page (01h) calls it. */
  readonly module?: { readonly product: string; readonly revision: string };
  /** `verify: within` of the playbook. */
  readonly within?: string;
  /** The unit hangs afterwards: a command that asks it waits, like one that asks all units. */
  readonly hangs?: true;
}

const READY = '[wait-ready: 30s]';
const PEER_SAVE = '-m dmc_offs_save -b 32k';
const SAVE = '{via: ses, mode: dmc_offs_save, bpw: 32k}';

export const ROWS: readonly Row[] = [
  // Starts the new code when its status is read, which comes after all of this time. Those that take long stand first.
  { persona: 'ses-shelf-non', options: PEER_SAVE, download: SAVE, within: '8s' },
  {
    persona: 'ses-shelf-deferred',
    options: '-m dmc_offs_defer -b 32k,act',
    download: '{via: ses, mode: dmc_offs_defer, bpw: 32k}',
    activate: '[activate_mc, wait-ready: 30s]',
  },
  { persona: 'ses-shelf-immediate', options: PEER_SAVE, download: SAVE },
  { persona: 'ses-shelf-ealsd', options: PEER_SAVE, download: SAVE },
  { persona: 'ses-shelf', options: PEER_SAVE, download: SAVE },
  {
    persona: 'ses-shelf-triple',
    options: `${PEER_SAVE} -S 1`,
    download: '{via: ses, subenclosure: 1, mode: dmc_offs_save, bpw: 32k}',
    module: { product: 'SHELF IOM', revision: '0200' },
  },
  {
    persona: 'ses-shelf-chunk-lockup',
    options: PEER_SAVE,
    download: '{via: ses, mode: dmc_offs_save, bpw: 32k, timeout: 10s}',
    activate: '[wait-ready: 2s]',
    within: '2s',
    hangs: true,
  },
  { persona: 'ses-shelf-status-83', options: PEER_SAVE, download: SAVE },
  // What page 02h says: a failed supply, absent parts, and a sensor that is critical with the new code.
  { persona: 'ses-shelf-failed-supply', options: PEER_SAVE, download: SAVE },
  { persona: 'ses-shelf-sparse', options: PEER_SAVE, download: SAVE },
  { persona: 'ses-shelf-worse-after', options: PEER_SAVE, download: SAVE, within: '8s' },
];

const HANGING = ROWS.filter(({ hangs }) => hangs === true);
const OTHERS = ROWS.filter(({ hangs }) => hangs !== true);

const peerNode = (row: Row): string => `/dev/sg${2 * ROWS.indexOf(row)}`;
export const ourNode = (row: Row): string => `/dev/sg${2 * ROWS.indexOf(row) + 1}`;

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
  for (const { persona, download, activate = READY, within = '20s', module } of ROWS) {
    const text = `runbook: v1
name: ${persona}
plays:
  - name: shelf
    match: {type: enclosure, vendor: LAB, product: SES SHELF, revision: ["${module?.revision ?? OLD_REVISION}"]}
    firmware: {file: image.bin, sha256: ${sha256}, revision: "${NEW_REVISION}"}
    download: ${download}
    activate: ${activate}
    verify: {within: ${within}, paths: ignore}
strategy: {redundancy: outage-accepted}
`;
    await writeFile(path.join(directory, `${persona}.yml`), text);
  }
}

/** Of the nodes: a unit that hangs must not hold up the others, and sg_inq would wait for a minute. */
export const SHELF_LIBRARY = `
# revision_or_silence NODE [SECONDS]
revision_or_silence() {
  local answer=/run/inquiry.\${1##*/}
  if sg_raw -t "\${2:-2}" -r 36 -o "$answer" "$1" 12 00 00 00 24 00 2>/dev/null; then tail -c 4 "$answer"; echo
  else echo silent; fi
}

# module_revision NODE PRODUCT: of a part of a shelf, as soon as the shelf is ready.
module_revision() {
  local try line
  for try in {1..60}; do
    while read -r line; do
      [[ $line == *"product: $2 "*rev:* ]] && echo "\${line##*rev: }" && return
    done < <(sg_ses -p 1 "$1" 2>/dev/null)
    nap 0.5
  done
  echo silent
}

set_state() { echo "$2" >"/sys/class/scsi_generic/\${1##*/}/device/state"; }

# stuck NODE: waits until a command to the unit is under way and nothing moves. What is counted is looks at the counters,
# not time: where this machine is held up, so is the lab that answers.
stuck() {
  local device=/sys/class/scsi_generic/\${1##*/}/device look busy count last='' same=0
  for ((look = 0; look < 600 && same < 20; look++)); do
    nap 0.1
    read -r busy <"$device/device_busy"
    read -r count <"$device/iorequest_cnt"
    if [[ $busy != 0 && $count == "$last" ]]; then same=$((same + 1)); else same=0; fi
    last=$count
  done
}

# sending PROCESS FILE: waits until runbook has told on stderr, the file, that it sends, or has ended. From then on it has
# the node for itself. Not by nap: where the process ends within it, this kernel now and then leaves bash in pselect(2) for
# ever, with its SIGCHLD blocked.
sending() { until [[ ! -d /proc/$1 || $(<"$2") == *': download'* ]]; do sleep 0.1; done; }
`;

const upgradeByPeer = (row: Row): string =>
  `{ sg_ses_microcode ${row.options} -I "$WORK/image.bin" ${peerNode(row)}; echo $? >"$WORK/${row.persona}.peer"; } &`;

function upgradeByUs(row: Row): string {
  const file = `$WORK/${row.persona}`;
  return `{ runbook apply "${file}.yml" --yes --format json --only ${ourNode(row)} >"${file}.json" 2>"${file}.err"; echo $? >"${file}.ours"; } &`;
}

/** Looks at all units at once, and says what they run, a line for each in the order of their nodes. */
const NODES = ROWS.flatMap((row) => [peerNode(row), ourNode(row)].map((node) => ({ node, row })));
const REVISIONS = [
  ...NODES.map(({ node, row: { module } }) => {
    const look =
      module === undefined ? `revision_or_silence ${node} 5` : `module_revision ${node} '${module.product}'`;
    return `${look} >"/run/revision.${path.basename(node)}" &`;
  }),
  'wait',
  ...NODES.map(({ node }) => `echo "$(</run/revision.${path.basename(node)})"`),
].join('\n');

const ofHanging = (script: (row: Row) => string): string => HANGING.map(script).join('\n');

export const SHELF_STEPS: readonly GuestStep[] = [
  { name: 'up', script: `lab_up shelves; for each in /dev/sg*; do ready $each; done` },
  {
    // Before runbook, which looks at all units: whoever looks at a shelf takes its unit attention away. Where a unit
    // hangs the peer waits until the kernel of the lab gives up, after 30 s: 'peers-ended'.
    name: 'peers',
    script: `${ofHanging(upgradeByPeer)}\n(${OTHERS.map(upgradeByPeer).join('\n')}\nwait)`,
  },
  {
    // Taken offline, as the kernel does where resets do not help: whoever looks at such a unit later need not wait.
    name: 'hanging',
    script: ofHanging(
      (row) => `stuck ${peerNode(row)}
        revision_or_silence ${peerNode(row)}
        set_state ${peerNode(row)} offline
        ${upgradeByUs(row)}
        stuck ${ourNode(row)}
        set_state ${ourNode(row)} offline`,
    ),
  },
  {
    // Side by side, but begun one after the other: while one looks at all units, it has the node of another one open, and
    // that one would be refused.
    name: 'ours',
    script: `${OTHERS.map((row) => `${upgradeByUs(row)}\nsending $! "$WORK/${row.persona}.err"`).join('\n')}
      wait
      ${ofHanging(({ persona }) => `until [[ -s $WORK/${persona}.ours ]]; do nap 0.1; done`)}`,
  },
  { name: 'now', script: REVISIONS },
  {
    // Back in service after the power cycle only: the kernel asks a unit that it takes back. Of one that hangs it would
    // wait for the answer for 30 s, as long as the lab's kernel does. Where the latter gives up first, the former finds
    // no command to abort, resets the unit in vain, and takes it offline for good.
    name: 'power',
    script: `runbook lab power-cycle >/dev/null
      ${ofHanging((row) => `set_state ${peerNode(row)} running; set_state ${ourNode(row)} running`)}`,
  },
  { name: 'later', script: REVISIONS },
  {
    name: 'peers-ended',
    script: ofHanging(({ persona }) => `until [[ -s $WORK/${persona}.peer ]]; do nap 0.1; done`),
  },
  { name: 'down', script: 'runbook lab down; what_is_left' },
];
