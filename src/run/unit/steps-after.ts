import type { ActivationStep } from '../../playbook/resolved.ts';
import type { SentImage } from './procedure.ts';

/** An unanswered last chunk may have started the new code: steps that reset or activate would be a guess. */
const ONLY_WAITS: Readonly<Record<ActivationStep['step'], boolean>> = {
  'wait-ready': true,
  pause: true,
  activate_mc: false,
  'start-unit': false,
  rescan: false,
  'reload-driver': false,
  'power-cycle': false,
  reboot: false,
  run: false,
};

/** The steps that follow a download that has ended so. Nothing is activated after an error (promise 3). */
export function stepsAfter(
  { kind }: Pick<SentImage, 'kind'>,
  activate: readonly ActivationStep[],
): readonly ActivationStep[] {
  switch (kind) {
    case 'complete':
      return activate;
    case 'unclear':
      return activate.filter(({ step }) => ONLY_WAITS[step]);
    case 'refused':
    case 'failed':
    case 'frozen':
      return [];
    default:
      return kind satisfies never;
  }
}
