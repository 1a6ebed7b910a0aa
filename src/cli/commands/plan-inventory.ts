import { diagnosticsText } from '../../report/diagnostics-text.ts';
import { documentOf } from '../../report/documents.ts';
import { exitText } from '../../report/exit-text.ts';
import { inventoriesBody, inventoriesText, type HostPlan } from '../../report/inventories-text.ts';
import { playbookLines } from '../../report/plan-text.ts';
import { planOfInventory } from '../../inventory/plan.ts';
import { exitOfRun } from '../../run/facts/outcome.ts';
import type { Answer } from '../answer.ts';
import { inkOf, type Io } from '../io.ts';
import { readInventories } from '../read-inventories.ts';
import { readForRun } from '../read-playbook.ts';
import { UsageError } from '../usage-error.ts';
import { exitNamesOfPlan, type PlanOptions } from './plan.ts';

/** `plan PLAYBOOK --inventory FILE…`: recorded hosts instead of this one. No device is opened, and nothing can be applied. */
export async function planInventories(
  file: string,
  recorded: readonly string[],
  options: PlanOptions,
  io: Io,
): Promise<Answer> {
  refuseOptions(options);
  const inventories = await readInventories(recorded);
  const { lab } = options;
  const labImages = lab === undefined ? undefined : await (await import('../lab.ts')).readLabImages(lab);
  const { resolved, warnings } = await readForRun(file, labImages);
  const nowMs = Date.now();
  const hosts = inventories.map(({ file: from, inventory }): HostPlan => {
    const plan = planOfInventory(resolved, inventory, options);
    const { outcomes, also } = exitNamesOfPlan(plan, options.exitCode);
    const { host, recorded, runbook } = inventory;
    return { host, file: from, recorded, runbook, plan, exit: exitOfRun(outcomes, also) };
  });
  const all = hosts.map(({ plan }) => exitNamesOfPlan(plan, options.exitCode));
  const exit = exitOfRun(
    all.flatMap(({ outcomes }) => outcomes),
    all.flatMap(({ also }) => also),
  );
  const ink = inkOf(io.stdout, io.env, options.color);
  const { verbose } = options;
  const head = [...playbookLines(resolved, ink)].join('\n');
  return {
    exit,
    document: documentOf('runbook.plans/1', 'plan', exit, {
      body: inventoriesBody(hosts, nowMs),
      diagnostics: warnings,
    }),
    text: `${head}\n${inventoriesText(hosts, { ink, verbose, nowMs })}${exit.name === 'OK' ? '' : `${exitText(exit)}\n`}`,
    notes: diagnosticsText(warnings, inkOf(io.stderr, io.env, options.color)),
  };
}

function refuseOptions({ out, explain, trace, labState }: PlanOptions): void {
  const other =
    out !== null
      ? '--out'
      : explain
        ? '--explain'
        : trace !== undefined
          ? '--trace'
          : labState !== undefined
            ? '--lab-state'
            : null;
  if (other === null) return;
  throw new UsageError(
    `${other} cannot be used with --inventory: plan reads the recording of a host, not the host`,
    `Remove it, or run plan with ${other} on the host itself.`,
  );
}
