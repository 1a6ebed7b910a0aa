import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GUEST_LIBRARY, insmodLines, KERNEL, kernelParameters, killGroup } from '../kernel/rig.ts';
import { TARGET_MODULES } from '../kernel/served-lab.ts';

const MEMORY_MIB = 512;

/**
 * A host with a kernel of its own (user-mode Linux), on which `lab up` serves units as real sg nodes. It has SSH, like the hosts
 * of hosts.sh, and root's key. The file system is that of this machine, but for what a host has for itself.
 */
export class GuestHost {
  readonly #child: ChildProcess;
  #console = '';
  readonly #end: Promise<void>;

  /**
   * @param directory of this host: what it writes
   * @param through starts a program in the network of the controller, where the tap device `tap` is
   */
  constructor(
    readonly name: string,
    private readonly directory: string,
    {
      address,
      tap,
      through,
      program,
      lab,
      keys,
    }: {
      readonly address: string;
      readonly tap: string;
      readonly through: readonly string[];
      /** The built program. */
      readonly program: string;
      /** Text of the lab file. */
      readonly lab: string;
      /** Public keys that may log in. */
      readonly keys: string;
    },
  ) {
    mkdirSync(directory, { recursive: true });
    writeFileSync(path.join(directory, 'lab.yml'), lab);
    writeFileSync(path.join(directory, 'keys'), keys);
    writeFileSync(path.join(directory, 'sshd_config'), sshdConfig(directory));
    const init = path.join(directory, 'init');
    writeFileSync(init, initScript(name, directory, { address, program }), { mode: 0o755 });
    const [command, ...words] = [
      ...through,
      KERNEL,
      ...kernelParameters({ init, directory, memoryMiB: MEMORY_MIB }),
      // Without gro its packets are lost where many come at once.
      `vec0:transport=tap,ifname=${tap},gro=1`,
    ];
    this.#child = spawn(command, words, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    process.on('exit', () => this.down());
    for (const stream of [this.#child.stdout!, this.#child.stderr!])
      stream.setEncoding('utf8').on('data', (piece: string) => (this.#console += piece));
    this.#end = new Promise((resolve) => this.#child.on('close', () => resolve()));
  }

  /** Returns when SSH listens and the units are there. Rejects with the console when the guest ends before. */
  async ready(): Promise<void> {
    const guest = { ended: false };
    void this.#end.then(() => (guest.ended = true));
    while (!this.#console.includes(READY)) {
      if (guest.ended)
        throw new Error(`guest ${this.name} did not come up:\n${this.#console}\n${this.labOutput}`);
      await sleep(200);
    }
  }

  get labOutput(): string {
    return readFileSync(path.join(this.directory, 'lab.out'), 'utf8');
  }

  down(): void {
    killGroup(this.#child.pid);
  }
}

const READY = '@@ ready';

const sshdConfig = (directory: string): string => `Port 22
HostKey ${directory}/hostkey
AuthorizedKeysFile ${directory}/keys
PermitRootLogin prohibit-password
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
Subsystem sftp internal-sftp
`;

function initScript(
  name: string,
  directory: string,
  { address, program }: { readonly address: string; readonly program: string },
): string {
  return `#!/bin/bash
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8
mount -t proc proc /proc
mount -t sysfs sysfs /sys
trap 'echo o >/proc/sysrq-trigger; sleep 30' EXIT
mount -t tmpfs -o mode=0755 tmpfs /run
mkdir -p /run/lock /run/sshd /run/nodes
cp -a /dev/null /dev/zero /dev/random /dev/urandom /dev/tty /run/nodes/
mount -t tmpfs tmpfs /dev
cp -a /run/nodes/. /dev/
ln -s /proc/self/fd /dev/fd
mkdir /dev/pts /dev/shm
mount -t devpts -o newinstance,ptmxmode=0666 devpts /dev/pts
ln -s pts/ptmx /dev/ptmx
mount -t tmpfs -o mode=0700 tmpfs /root
mkdir -p /var/lib/runbook
mount -t tmpfs -o mode=0700 tmpfs /var/lib/runbook
hostname ${name}
mkfifo /run/quiet && exec {quiet_pipe}<>/run/quiet
${GUEST_LIBRARY}
${insmodLines(TARGET_MODULES).join('\n')}
ip link set lo up
ip addr add ${address}/24 dev vec0
ip link set vec0 up
node ${program} lab up ${directory}/lab.yml --format jsonl >${directory}/lab.out 2>&1 </dev/null &
until [[ -e ${directory}/lab.out && $(<${directory}/lab.out) == *'"lab-up"'* ]]; do
  [[ -d /proc/$! ]] || exit 1
  nap 0.2
done
[ -f ${directory}/hostkey ] || ssh-keygen -q -t ed25519 -N '' -f ${directory}/hostkey
/usr/sbin/sshd -D -e -f ${directory}/sshd_config 2>${directory}/sshd.log </dev/null &
until grep -qs 'Server listening' ${directory}/sshd.log; do nap 0.2; done
echo '${READY}'
wait $!
`;
}
