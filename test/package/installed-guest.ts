import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import * as assert from 'uvu/assert';
import { CARD_LIBRARY, FOUR_CARDS } from '../kernel/cards.ts';
import { writePlaybook } from '../kernel/playbooks.ts';
import { bootKernel, GUEST_LIBRARY, moduleFiles, quote } from '../kernel/rig.ts';
import { PROGRAM_LIBRARY } from '../kernel/upgrade-steps.ts';

/**
 * An installed Debian, with systemd, as a machine of its own: a folder is the root of the guest's kernel, and systemd its first
 * process. Everything of the test lies below /rig.
 */
const RIG = '/rig';
const GUEST_LIMIT_MS = 25 * 60_000;

/** No devtmpfs and no udev there: nodes are made by hand, and systemd finds them when it starts. */
const INIT = `#!/bin/bash
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
mount -t tmpfs -o mode=0755 tmpfs /run
mkdir -p /run/nodes
cp -a /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty /run/nodes/
mount -t tmpfs tmpfs /dev
cp -a /run/nodes/. /dev/
rm -r /run/nodes
mknod /dev/console c 5 1
mknod /dev/kmsg c 1 11
mknod /dev/ptmx c 5 2
ln -s /proc/self/fd /dev/fd
mkdir /dev/pts /dev/shm
exec /usr/lib/systemd/systemd
`;

const SERVICE = `[Unit]
Description=What the test does on this machine
[Service]
Type=oneshot
ExecStart=${RIG}/steps
`;

/** Until the service waits for its unit; then the kernel finds it, and the service goes on. */
const LATE = `
for ((i = 0; i < 120; i++)); do
  journalctl --quiet --unit runbook-verify --output cat >$WORK/out/journal
  [[ $(<$WORK/out/journal) == *"not there yet"* ]] && break
  nap 1
done`;

const SETTLED = `
for ((i = 0; i < 120; i++)); do
  [[ $(systemctl is-active runbook-verify) == active ]] || break
  nap 1
done
journalctl --quiet --unit runbook-verify --output cat >$WORK/out/journal
systemctl show --property Result,ExecMainStatus runbook-verify >$WORK/out/result`;

/** A job of root is a unit of the system, so that it outlives the login, and is never killed in the middle. */
const JOB = `
cd /usr/share/doc/runbook/playbooks
lab=(--lab upgrade-expanders.lab.yml --lab-state "$WORK/job.state")
step job-begin runbook apply upgrade-expanders.yml "\${lab[@]}" --yes --job demo --detach --format json
systemctl show --property KillMode,SendSIGKILL,TimeoutStopUSec 'runbook-demo-*.service' >$WORK/out/job-unit
step job-wait runbook job wait demo --for 5m --lab upgrade-expanders.lab.yml --lab-state "$WORK/job.state" --format json`;

const FIRST_BOOT = `
load 2.08
when_traced "$WORK/upgrade.trace" '"cdb":"3b0f' 4 set_revision 2.10 &
step upgrade apply_playbook upgrade upgrade
step later apply_playbook later later --only /dev/sg0
step open ls -A /var/lib/runbook/open
step doctor runbook doctor --format json
${JOB}`;

const SECOND_BOOT = `${LATE}
load 2.12
${SETTLED}
systemctl start runbook-verify
systemctl show --property ConditionResult runbook-verify >$WORK/out/again
step open ls -A /var/lib/runbook/open
step history runbook history last --format json
step doctor runbook doctor --format json`;

/** What a step printed. */
export interface GuestOutput {
  /** Of the file `NAME` below the folder of outputs: `upgrade.out`, `journal`. */
  readonly text: (name: string) => string;
  readonly console: string;
}

/** `2.08 → 2.10 updated` for each device of a report. */
export function outcomesOf(guest: GuestOutput, step: string): string[] {
  const text = guest.text(`${step}.out`);
  assert.not.equal(text, '', guest.text(`${step}.err`));
  const { devices } = JSON.parse(text) as {
    devices: { before: string; after: string; outcome: string }[];
  };
  return devices.map(({ before, after, outcome }) => `${before} → ${after} ${outcome}`);
}

/** Puts what the test needs into the root. */
export async function prepareGuest(root: string): Promise<void> {
  const rig = path.join(root, RIG);
  mkdirSync(path.join(rig, 'modules'), { recursive: true });
  writeFileSync(path.join(rig, 'init'), INIT, { mode: 0o755 });
  for (const file of moduleNames()) cpSync(file, path.join(rig, 'modules', path.basename(file)));
  await writePlaybook(rig, 'upgrade', { seed: 4 });
  await writePlaybook(rig, 'later', {
    seed: 5,
    startRevisions: ['2.10'],
    revision: '2.12',
    verifyWithin: '2s',
    activate: ['{wait-ready: 30s}'],
  });
  const units = path.join(root, 'etc/systemd/system');
  writeFileSync(path.join(units, 'rig.service'), SERVICE);
  symlinkSync('../rig.service', path.join(units, 'multi-user.target.wants/rig.service'));
  // There is no terminal.
  symlinkSync('/dev/null', path.join(units, 'getty.target'));
}

/** Upgrades four cards, and leaves a new image on one of them that waits. */
export const firstBoot = (root: string, directory: string): Promise<GuestOutput> =>
  boot(root, directory, FIRST_BOOT);

/** The cards come late, and with the new revision. */
export const secondBoot = (root: string, directory: string): Promise<GuestOutput> =>
  boot(root, directory, SECOND_BOOT);

async function boot(root: string, directory: string, script: string): Promise<GuestOutput> {
  const out = path.join(root, RIG, 'out');
  mkdirSync(out, { recursive: true });
  for (const name of readdirSync(out)) writeFileSync(path.join(out, name), '');
  mkdirSync(directory, { recursive: true });
  writeFileSync(path.join(root, RIG, 'steps'), stepsScript(script), { mode: 0o755 });
  const text = await bootKernel({ root, init: `${RIG}/init`, directory, timeLimitMs: GUEST_LIMIT_MS });
  return {
    console: text,
    text: (name) => {
      const file = path.join(out, name);
      if (!existsSync(file)) throw new Error(`the guest wrote no ${name}:\n${text}`);
      return readFileSync(file, 'utf8');
    },
  };
}

function stepsScript(script: string): string {
  const [scsiDebug, ...parameters] = FOUR_CARDS.at(-1)!;
  const words = parameters.filter((word) => !word.startsWith('inq_rev=')).map(quote);
  const [own, ...needed] = moduleFiles(scsiDebug).map((file) => path.basename(file));
  const [sg, ...neededBySg] = moduleFiles('sg').map((file) => path.basename(file));
  const before = [...new Set([...needed.reverse(), ...neededBySg.reverse(), sg!])];
  return `#!/bin/bash
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 WORK=${RIG}
trap 'sync; echo o >/proc/sysrq-trigger; sleep 30' EXIT
mkfifo /run/quiet && exec {quiet_pipe}<>/run/quiet
${GUEST_LIBRARY}
${CARD_LIBRARY}
${PROGRAM_LIBRARY}
unset RUNBOOK_STATE_DIR
runbook() { /usr/bin/runbook "$@"; }
load() {
  local module
  for module in ${before.join(' ')}; do insmod "$WORK/modules/$module"; done
  insmod "$WORK/modules/${own!}" ${words.join(' ')} "inq_rev=$1"
  make_nodes
}
step() {
  local name=$1
  shift
  "$@" >"$WORK/out/$name.out" 2>"$WORK/out/$name.err"
  echo $? >"$WORK/out/$name.exit"
}
${script}
`;
}

const moduleNames = (): string[] => [...new Set(FOUR_CARDS.flatMap(([name]) => moduleFiles(name)))];
