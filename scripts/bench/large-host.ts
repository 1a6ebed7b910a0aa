// Hosts with many real sg nodes of a user-mode Linux (scsi_debug), and the descriptors that a service gets by default: what looking
// takes. One boot; tells `{ problem }` where it cannot be done.
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runGuest, stepOf } from '../../test/kernel/rig.ts';
import { PROGRAM_LIBRARY } from '../../test/kernel/upgrade-steps.ts';
import { tellFromGuest } from './guest-folder.ts';

const SIZES = process.argv.slice(2).map(Number);
const DESCRIPTORS = 1024;
/** A thread costs 44 ms in this kernel, and 30 µs in others: with one for each node they alone would be measured. */
const THREADS = 64;
const TIME_LIMIT_MS = 15 * 60_000;
const IMAGE = Buffer.alloc(16 * 1024, 0x5a);

/** Loaded before the program: tells on the last line of stderr what the process took. */
const METER = `
const fs = require('node:fs');
let most = 0;
const timer = setInterval(() => { most = Math.max(most, fs.readdirSync('/proc/self/fd').length); }, 20);
timer.unref();
process.on('exit', () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  const cpuMs = (userCPUTime + systemCPUTime) / 1000;
  fs.writeSync(2, '\\n' + JSON.stringify({ wallMs: performance.now(), cpuMs, rssMiB: maxRSS / 1024, descriptors: most }) + '\\n');
});
`;

const PLAYBOOK = `runbook: v1
name: large
plays:
  - name: shelves
    match: {type: enclosure, vendor: Linux, product: scsi_debug, revision: ["*"]}
    firmware: {file: image.bin, sha256: ${createHash('sha256').update(IMAGE).digest('hex')}, revision: "9999", is: verbatim}
    download: {via: write-buffer, mode: dmc_offs_save, bpw: 4096}
    verify: {within: 1s, paths: ignore}
strategy: {redundancy: outage-accepted, health: ignore}
`;

interface Cost {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly rssMiB: number;
  readonly descriptors: number;
}

const COMMANDS = {
  'devices --probe': 'devices --probe --format json',
  plan: 'plan "$WORK/large.yml" --format json',
} as const;

void tellFromGuest(async (directory) => {
  await writeFile(path.join(directory, 'meter.cjs'), METER);
  await writeFile(path.join(directory, 'image.bin'), IMAGE);
  await writeFile(path.join(directory, 'large.yml'), PLAYBOOK);
  const steps = SIZES.flatMap((units) => [
    {
      name: `${units} nodes`,
      script: `echo ${units} >/sys/bus/pseudo/drivers/scsi_debug/num_tgts; echo -1 >/sys/bus/pseudo/drivers/scsi_debug/add_host
        echo 1 >/sys/bus/pseudo/drivers/scsi_debug/add_host; until (($(ls /sys/class/scsi_generic | wc -l) >= ${units})); do nap 0.5; done; make_nodes; ls /dev/sg* | wc -l`,
    },
    ...Object.entries(COMMANDS).map(([name, command]) => ({
      name: `${name} ${units}`,
      script: `ulimit -n ${DESCRIPTORS}; export UV_THREADPOOL_SIZE=${THREADS} RUNBOOK_STATE_DIR="$WORK/state-${units}"
        node --require "$WORK/meter.cjs" "$WORK/program/runbook.cjs" ${command} >"$WORK/out"`,
    })),
  ]);
  const guest = await runGuest({
    directory,
    modules: [['sg'], ['scsi_debug', 'num_tgts=1', 'dev_size_mb=8', 'ptype=13']],
    preparation: PROGRAM_LIBRARY,
    steps,
    timeLimitMs: TIME_LIMIT_MS,
  });
  const costs = SIZES.map((units) => ({
    units,
    nodes: Number(stepOf(guest, `${units} nodes`).stdout),
    ...Object.fromEntries(
      Object.keys(COMMANDS).map((name) => {
        const { stderr } = stepOf(guest, `${name} ${units}`);
        return [name, JSON.parse(stderr.trim().split('\n').at(-1)!) as Cost];
      }),
    ),
  }));
  return { costs };
});
