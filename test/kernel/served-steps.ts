import path from 'node:path';
import type { GuestStep } from './rig.ts';
import { CHUNK_BYTES, node } from './served-lab.ts';

/** Functions for the steps, beside those of PROGRAM_LIBRARY (upgrade-steps.ts). */
export const SERVED_LIBRARY = `
# lab_up NAME [LAB]: brings LAB.yml (lab.yml) up in the background; what it says is in $WORK/NAME.out. Ends when all
# units are there.
lab_up() {
  node "$WORK/program/runbook.cjs" lab up "$WORK/\${2:-lab}.yml" --format jsonl >"$WORK/$1.out" 2>"$WORK/$1.err" </dev/null &
  echo $! >/run/lab.pid
  until [[ -e $WORK/$1.out && $(<"$WORK/$1.out") == *'"lab-up"'* ]]; do
    [[ -d /proc/$! ]] || { cat "$WORK/$1.err" >&2; return 1; }
    nap 0.05
  done
}

# Brings up a lab and comes back when it hangs in the scan of its second unit.
lab_stuck() {
  node "$WORK/program/runbook.cjs" lab up "$WORK/stuck.yml" >"$WORK/$1.out" 2>"$WORK/$1.err" </dev/null &
  echo $! >/run/lab.pid
  until [[ -e $WORK/$1.out && $(<"$WORK/$1.out") == *sg0* && -e /dev/uio1 ]]; do nap 0.05; done
  nap 0.5
}

revision() { sg_inq "$1" | while read -r a b c value; do [[ $c == level: ]] && echo "$value"; done; }
ready() { sg_turs "$1" >/dev/null 2>&1; sg_turs "$1" >/dev/null 2>&1; }
what_is_left() {
  echo nodes: /dev/sg* /dev/uio*
  echo targets: /sys/kernel/config/target/loopbac[k] /sys/kernel/config/target/core/user_*
  lsscsi
}
shopt -s nullglob
`;

const peer = (options: string, name: Parameters<typeof node>[0], image = 'image'): string =>
  `sg_write_buffer ${options} -I "$WORK/${image}.bin" ${node(name)}; echo "exit $?"; revision ${node(name)}`;
const sesPeer = (options: string, name: Parameters<typeof node>[0]): string =>
  `sg_ses_microcode ${options} -b ${CHUNK_BYTES} -I "$WORK/image.bin" ${node(name)}; echo "exit $?"`;

/** A step starts as few processes as it can: each takes its time in the guest. */
export const SERVED_STEPS: readonly GuestStep[] = [
  { name: 'up', script: 'lab_up first && lsscsi -g' },
  {
    name: 'nickname',
    script: `ready ${node('shelf')}; sg_ses --page=snic ${node('shelf')}; runbook devices --probe --format json | grep -c '"nickname": "rack 7, top"'`,
  },
  { name: 'twice', script: 'runbook lab up "$WORK/lab.yml" --format json' },

  // The peers judge the simulator.
  {
    name: 'peer',
    script: `ready ${node('peer')}; ${peer(`-m dmc_offs_defer -b ${CHUNK_BYTES}`, 'peer')}
      sg_write_buffer -m activate_mc ${node('peer')}; echo "exit $?"; revision ${node('peer')}`,
  },
  {
    name: 'damaged',
    script: `ready ${node('damaged')}; ${peer('-m dmc_offs_save -b 65536', 'damaged', 'damaged')}`,
  },
  { name: 'whole', script: peer('-m dmc_offs_save', 'damaged') },
  { name: 'refused', script: `ready ${node('refusing')}; ${peer('-m dmc_offs_defer -b 65536', 'refusing')}` },
  {
    // What was written takes effect after two seconds; the pages of the three are sent before anybody waits.
    name: 'ses',
    script: `for each in ${node('shelf')} ${node('immediate')} ${node('deferred')} ${node('non')} ${node('triple')}; do ready $each; done
      ${sesPeer('-m dmc_offs_save', 'shelf')}
      ${sesPeer('-m dmc_offs_save', 'immediate')}
      ${sesPeer('-m dmc_offs_defer', 'deferred')}
      ${sesPeer('-m dmc_offs_save', 'non')}
      ${sesPeer('-m dmc_offs_save -N', 'non')}
      ${sesPeer('-m dmc_offs_save -S 1', 'triple')}
      nap 2.2`,
  },
  {
    name: 'ses-status',
    script: `sg_ses_microcode ${node('shelf')}; revision ${node('shelf')}
      sg_ses_microcode ${node('immediate')}; revision ${node('immediate')}
      sg_ses_microcode ${node('deferred')}; sg_ses_microcode -m activate_mc ${node('deferred')}; revision ${node('deferred')}
      sg_ses_microcode ${node('non')}; revision ${node('non')}
      sg_ses_microcode ${node('triple')}; revision ${node('triple')}; sg_ses -p 1 ${node('triple')}`,
  },

  // The kernel judges runbook.
  { name: 'contract', script: `node "$WORK/contract.cjs" ${node('contract')}` },
  {
    name: 'card',
    script: `runbook apply "$WORK/card.yml" --yes --format json --only ${node('card')} --only ${node('oldCard')}`,
  },
  { name: 'card-after', script: `revision ${node('card')}; revision ${node('oldCard')}` },
  { name: 'disk', script: 'runbook apply "$WORK/disk.yml" --yes --format json' },
  {
    name: 'power-cycle',
    script: `revision ${node('disk')}; runbook lab power-cycle POWER-ME --format json; revision ${node('disk')}`,
  },
  {
    name: 'power-cycle-all',
    script: `revision ${node('shelf')}; runbook lab power-cycle >/dev/null; revision ${node('shelf')}`,
  },

  // What only a kernel can show.
  { name: 'silent', script: `sg_raw -t 2 ${node('silent')} 00 00 00 00 00 00` },
  {
    name: 'lun-reset',
    script: `ready ${node('contract')}
      sg_raw -s 4096 -i "$WORK/image.bin" ${node('contract')} 3b 0e 00 00 00 00 00 10 00 00; echo "exit $?"
      sg_reset -d ${node('contract')}; echo "exit $?"
      for try in 1 2 3; do sg_turs -v ${node('contract')} 2>&1; done
      nap 2.2
      sg_raw -s 4096 -i "$WORK/image.bin" ${node('contract')} 3b 0e 00 00 10 00 00 10 00 00; echo "exit $?"`,
  },
  {
    name: 'killed',
    script: `sg_raw -t 300 ${node('silent')} 00 00 00 00 00 00 & hanging=$!
      until [[ $(</sys/class/scsi_generic/${path.basename(node('silent'))}/device/device_busy) != 0 ]]; do nap 0.05; done
      kill -KILL $(</run/lab.pid)
      runbook lab status --format json
      lab_up second; echo "exit $?" >&2
      wait $hanging; echo "hanging $?" >&2
      lsscsi -g >&2`,
  },
  { name: 'down', script: 'runbook lab down "$WORK/lab.yml" --format json' },
  { name: 'down-left', script: 'what_is_left' },
  {
    name: 'signal',
    script: `lab_up third; kill -HUP $(</run/lab.pid); wait $(</run/lab.pid); echo "exit $?"`,
  },
  {
    name: 'stuck-signal',
    script: `lab_stuck stuck1; kill -TERM $(</run/lab.pid); wait $(</run/lab.pid); echo "exit $?"`,
  },
  {
    // The process is dead, but one of its threads waits for the kernel, which waits for the process.
    name: 'stuck-killed',
    script: `lab_stuck stuck2; kill -KILL $(</run/lab.pid); runbook lab status; runbook lab down --all`,
  },
  { name: 'signal-left', script: 'what_is_left; runbook lab status' },
];
