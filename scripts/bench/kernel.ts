// Whole programs on a real SCSI stack: runbook beside sg_ses_microcode and sg_write_buffer, with an image and with one
// of a single chunk, on simulated units as real sg nodes of a user-mode Linux. In turns, so that a busy machine slows
// both. One boot; tells `{ problem }` where it cannot be done.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { runGuest } from '../../test/kernel/rig.ts';
import type { GuestRun } from '../../test/kernel/rig.ts';
import { TARGET_MODULES } from '../../test/kernel/served-lab.ts';
import { SERVED_LIBRARY } from '../../test/kernel/served-steps.ts';
import { PROGRAM_LIBRARY } from '../../test/kernel/upgrade-steps.ts';
import { median } from './bench-lab.ts';
import { tellFromGuest } from './guest-folder.ts';
import { KINDS, bytesOf, kernelSteps, runName, writeKernelLabs } from './kernel-labs.ts';
import type { Kind, Program, Size } from './kernel-labs.ts';

const rounds = Number(process.argv[2] ?? 5);
const TIME_LIMIT_MS = 15 * 60_000;

interface Cost {
  readonly wallS: number;
  readonly cpuS: number;
}

/**
 * What one run took, as bash measured it: `real user system`. Throws where it did not end as it should: a run that sent
 * nothing would look fast.
 */
function costOf(
  { steps, console: text }: GuestRun,
  directory: string,
  { kind, round, program, size }: { kind: Kind; round: number; program: Program; size: Size },
): Cost {
  const run = runName(kind, round, program, size);
  const { stdout = '', stderr = '' } = steps.get(run) ?? {};
  const wanted = program === 'runbook' ? kind.runbookExit : 0;
  const [wallS, user, system] = stderr.trim().split('\n').at(-1)?.split(' ').map(Number) ?? [];
  if (stdout.trim() !== String(wanted) || system === undefined)
    throw new Error(`${run} ended with ${stdout.trim()}, not ${wanted}:\n${stderr}\n${text}`);
  if (program === 'runbook') {
    const report = JSON.parse(readFileSync(path.join(directory, `${run}.out`), 'utf8')) as {
      devices: { bytes: number }[];
    };
    const sent = Math.max(...report.devices.map(({ bytes }) => bytes));
    if (sent !== bytesOf(kind, size)) throw new Error(`${run} sent ${sent} bytes`);
  }
  return { wallS: wallS!, cpuS: user! + system };
}

function resultOf(guest: GuestRun, directory: string, kind: Kind): object {
  const of = (round: number, program: Program, size: Size): Cost =>
    costOf(guest, directory, { kind, round, program, size });
  const numbers = Array.from({ length: kind.rounds(rounds) }, (_, round) => {
    const whole = (program: Program): Cost => of(round, program, 'image');
    // What is left of a run when one with a single chunk is taken away: the transfer, without start-up and verdict.
    const transfer = (program: Program): Cost => {
      const [all, start] = [whole(program), of(round, program, 'chunk')];
      return { wallS: all.wallS - start.wallS, cpuS: all.cpuS - start.cpuS };
    };
    const [ours, peer] = [transfer('runbook'), transfer('peer')];
    const [wholeOurs, wholePeer] = [whole('runbook'), whole('peer')];
    return {
      wallRatio: ours.wallS / peer.wallS,
      cpuRatio: ours.cpuS / peer.cpuS,
      wallS: ours.wallS,
      peerWallS: peer.wallS,
      cpuS: ours.cpuS,
      peerCpuS: peer.cpuS,
      wholeWallS: wholeOurs.wallS,
      peerWholeWallS: wholePeer.wallS,
      wholeCpuS: wholeOurs.cpuS,
      peerWholeCpuS: wholePeer.cpuS,
    };
  });
  const keys = Object.keys(numbers[0]!) as (keyof (typeof numbers)[number])[];
  const medians = Object.fromEntries(keys.map((key) => [key, median(numbers.map((each) => each[key]))]));
  return {
    title: kind.title,
    aimed: kind.aimed,
    peer: kind.peerName,
    commands: kind.commands,
    rounds: numbers.length,
    ...medians,
  };
}

void tellFromGuest(async (directory) => {
  await writeKernelLabs(directory, rounds);
  const guest = await runGuest({
    directory,
    modules: TARGET_MODULES,
    preparation: PROGRAM_LIBRARY + SERVED_LIBRARY,
    steps: kernelSteps(rounds),
    timeLimitMs: TIME_LIMIT_MS,
  });
  return { results: KINDS.map((kind) => resultOf(guest, directory, kind)) };
});
