import type { AttachedDevice } from '../host/host.ts';
import type { ActivationStep, ResolvedPlay } from '../playbook/resolved.ts';
import { sesActivation } from './sg-ses-microcode.ts';
import { writeBufferActivation } from './sg-write-buffer.ts';
import { shellLine, shellWord } from './shell.ts';
import type { ExplainedStep } from './pieces.ts';

const seconds = (ms: number): string => String(Math.ceil(ms / 1000));

function untilReady(node: string, withinMs: number): string {
  const until = `until ${shellLine(['sg_turs', node])}; do sleep 1; done`;
  return shellLine(['timeout', seconds(withinMs), 'sh', '-c', until]);
}

/** A step of `activate`, as one would do it by hand. */
export function activationStep(
  step: ActivationStep,
  { download }: Pick<ResolvedPlay, 'download'>,
  { sgNode, hctl }: Pick<AttachedDevice, 'sgNode' | 'hctl'>,
): ExplainedStep {
  const node = sgNode ?? hctl;
  const of = (commands: readonly string[], ...beside: readonly string[]): ExplainedStep => ({
    step: step.step,
    commands,
    otherwise: [],
    beside,
  });
  switch (step.step) {
    case 'activate_mc': {
      const section = download.at(-1) ?? null;
      if (section?.via === 'ses') {
        return of(
          [sesActivation(section, node)],
          'sends it only where the download ended deferred, as `--bpw=N,act` does; reads and judges the status that follows',
        );
      }
      return of(
        [writeBufferActivation(section?.via === 'write-buffer' ? section : null, node)],
        'sends it only after a download that ended deferred and without an error; `--bpw=N,act` of the tool sends it after a failed chunk too',
      );
    }
    case 'start-unit':
      return of(
        [shellLine(['sg_start', '--start', '--immed', node]), untilReady(node, step.withinMs)],
        'sends it again where it was not executed, and waits for the unit after an activation whose answer was lost',
      );
    case 'wait-ready':
      return of(
        [untilReady(node, step.withinMs)],
        'collects the unit attentions, and finds the unit again when its node has changed',
      );
    case 'pause':
      return of([shellLine(['sleep', String(step.forMs / 1000)])]);
    case 'rescan': {
      const [host, ...place] = hctl.split(':');
      return of(
        [
          `echo 1 > ${shellWord(`/sys/bus/scsi/devices/${hctl}/delete`)}`,
          `echo ${shellWord(place.join(' '))} > ${shellWord(`/sys/class/scsi_host/host${host}/scan`)}`,
        ],
        'refuses when something uses the unit, waits for it and its node, and goes on only with the same identity',
      );
    }
    case 'reload-driver':
      return of(
        [shellLine(['modprobe', '-r', step.driver]), shellLine(['modprobe', step.driver])],
        'refuses while a disk of that driver is in use, or another unit there is not finished',
      );
    case 'run':
      return of([shellLine(step.argv)], 'without a shell, with a fixed directory and environment');
    case 'power-cycle':
    case 'reboot':
      return of([], `is left to you: the run ends as pending (${step.step})`);
  }
}
