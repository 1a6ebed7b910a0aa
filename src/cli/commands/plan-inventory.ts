import { refusal, type Refusal } from '../../base/refusal.ts';
import { diagnosticsText } from '../../report/diagnostics-text.ts';
import { documentOf } from '../../report/documents.ts';
import { exitText } from '../../report/exit-text.ts';
import { failureFacts } from '../../report/failure-text.ts';
import { printable } from '../../report/ink.ts';
import { InventoryReview } from '../../report/inventory-review.ts';
import { playEntry } from '../../report/plan-document.ts';
import { playbookLines } from '../../report/plan-text.ts';
import { planOfInventory } from '../../inventory/plan.ts';
import { isNamed, writtenName, type DeviceName } from '../../run/facts/device-name.ts';
import { exitOfRun, type ExitName, type Outcome } from '../../run/facts/outcome.ts';
import { reviewedHost, type ReviewedHost } from '../../run/plan/fleet-plan-file.ts';
import type { Plan } from '../../run/plan/plan.ts';
import type { Answer } from '../answer.ts';
import { inkOf, type Io } from '../io.ts';
import { validForOf, writeFleetPlanFile } from '../plan-file.ts';
import { readInventories } from '../read-inventories.ts';
import { readForReview } from '../read-playbook.ts';
import { plannedPlaybook } from '../run-facts.ts';
import { UsageError } from '../usage-error.ts';
import { exitNamesOfPlan, type PlanOptions } from './plan.ts';

/** Whether the answer needs the document: it has everything about every host. */
export interface InventoryOptions extends PlanOptions {
  readonly wantsDocument: boolean;
}

/** `plan PLAYBOOK --inventory FILE…`: recorded hosts instead of this one. No device is opened, and no image has to be here. */
export async function planInventories(
  file: string,
  recorded: readonly string[],
  options: InventoryOptions,
  io: Io,
): Promise<Answer> {
  refuseOptions(options);
  const { lab, out, validFor, verbose, wantsDocument } = options;
  validForOf(validFor);
  const labImages = lab === undefined ? undefined : await (await import('../lab.ts')).readLabImages(lab);
  const { resolved, warnings } = await readForReview(file, labImages);
  const ink = inkOf(io.stdout, io.env, options.color);
  const review = new InventoryReview({ ink, verbose, wantsDocument, nowMs: Date.now() });
  const names = new NamesOfHosts(options);
  const outcomes = new Set<Outcome>();
  const also = new Set<ExitName>();
  const reviewed: ReviewedHost[] = [];
  for await (const { file: from, inventory } of readInventories(recorded)) {
    const plan = names.without(planOfInventory(resolved, inventory, options));
    const ends = exitNamesOfPlan(plan, options.exitCode);
    for (const outcome of ends.outcomes) outcomes.add(outcome);
    for (const name of ends.also) also.add(name);
    const { host, recorded: at, runbook } = inventory;
    review.add({ host, file: from, recorded: at, runbook, plan, exit: exitOfRun(ends.outcomes, ends.also) });
    if (out !== null) reviewed.push(reviewedHost(host, plan));
  }
  const unknown = names.unknown;
  if (unknown.length > 0) also.add('NOMATCH');
  const exit = exitOfRun([...outcomes], [...also]);
  const digest =
    out === null ? null : await writeFleetPlanFile(resolved, reviewed, out, { playbook: file, validFor });
  const told = unknown.flatMap((why) => [
    ink('bad', `refused: ${printable(why.message)}`),
    ...failureFacts(why),
  ]);
  const text = [
    ...playbookLines(resolved, ink),
    review.text,
    ...told,
    ...(digest === null ? [] : [printable(`plan file ${out!}, digest ${digest}`)]),
    ...(exit.name === 'OK' ? [] : [exitText(exit)]),
  ];
  return {
    exit,
    document: documentOf('runbook.plans/1', 'plan', exit, {
      body: {
        playbook: plannedPlaybook(resolved),
        plays: resolved.plays.map(playEntry),
        digest,
        ...review.body,
      },
      diagnostics: warnings,
      error: unknown[0] ?? null,
    }),
    text: text.map((line) => (line.endsWith('\n') ? line : `${line}\n`)).join(''),
    notes: diagnosticsText(warnings, inkOf(io.stderr, io.env, options.color)),
  };
}

/** Names of units that a person gave: it is enough that one of the hosts has each. */
class NamesOfHosts {
  readonly #only: Map<DeviceName, boolean>;
  readonly #recover: Map<DeviceName, boolean>;

  constructor({ only, recover }: Pick<PlanOptions, 'only' | 'recover'>) {
    this.#only = new Map(only.map((name) => [writtenName(name), false]));
    this.#recover = new Map(recover.map((name) => [writtenName(name), false]));
  }

  /** The plan without what it says of names that this host does not know. */
  without(plan: Plan): Plan {
    for (const { facts, play } of plan.decisions) {
      for (const name of this.#only.keys())
        if (play !== null && isNamed(facts, name)) this.#only.set(name, true);
      for (const name of this.#recover.keys()) if (isNamed(facts, name)) this.#recover.set(name, true);
    }
    return { ...plan, refusals: plan.refusals.filter(({ error }) => !ABOUT_NAMES.has(error.code)) };
  }

  get unknown(): Refusal[] {
    const left = (names: ReadonlyMap<DeviceName, boolean>): string[] =>
      [...names].flatMap(([{ text }, isKnown]) => (isKnown ? [] : [text]));
    return [
      ...left(this.#only).map((name) => refusal('only-unknown', { name })),
      ...left(this.#recover).map((name) => refusal('recover-unknown', { name })),
    ];
  }
}

const ABOUT_NAMES: ReadonlySet<Refusal['code']> = new Set([
  'only-unknown',
  'only-not-selected',
  'recover-unknown',
]);

function refuseOptions({ explain, trace, labState }: PlanOptions): void {
  const other = explain
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
