import type { ActivationStep } from '../../playbook/resolved.ts';
import { ACTIVATION_STEPS } from '../../playbook/steps.ts';
import type { SentImage } from './procedure.ts';

/** The steps that follow a download that has ended so. Nothing is activated after an error (promise 3). */
export function stepsAfter(
  { kind }: Pick<SentImage, 'kind'>,
  activate: readonly ActivationStep[],
): readonly ActivationStep[] {
  switch (kind) {
    case 'complete':
      return activate;
    case 'unclear':
      return activate.filter(({ step }) => ACTIVATION_STEPS[step].onlyWaits);
    case 'refused':
    case 'failed':
    case 'frozen':
      return [];
    default:
      return kind satisfies never;
  }
}
