import type { Exit } from '../run/facts/outcome.ts';
import type { Plan } from '../run/plan/plan.ts';
import { unitCounts } from '../run/plan/unit-counts.ts';
import type { UnitCounts } from '../run/plan/unit-counts.ts';
import { printable, type Ink } from './ink.ts';
import { planBody } from './plan-document.ts';
import { hostPlanLines } from './plan-text.ts';
import { counted } from './quantities.ts';
import { renderTable } from './table.ts';

/** The plan of one recorded host. */
export interface HostPlan {
  readonly host: string;
  readonly file: string;
  /** ISO 8601 */
  readonly recorded: string;
  readonly runbook: string;
  readonly plan: Plan;
  readonly exit: Exit;
}

const COUNTED = ['update', 'current', 'pending', 'refused'] as const satisfies readonly (keyof UnitCounts)[];

/** Units of a plan by what would become of them. */
const countsOf = ({ decisions }: Plan): UnitCounts => unitCounts(decisions);

/** `12 minutes`, `3 hours`, `9 days`. */
function ageText(recorded: string, nowMs: number): string {
  const minutes = Math.max(0, Math.floor((nowMs - Date.parse(recorded)) / 60_000));
  if (minutes < 120) return counted(minutes, 'minute');
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? counted(hours, 'hour') : counted(Math.floor(hours / 24), 'day');
}

/** Each host with its units, and all hosts in one table. */
export function inventoriesText(
  hosts: readonly HostPlan[],
  { ink, verbose, nowMs }: { readonly ink: Ink; readonly verbose: boolean; readonly nowMs: number },
): string {
  const lines: string[] = [];
  for (const { host, recorded, runbook, plan } of hosts) {
    const age = `recorded ${ageText(recorded, nowMs)} ago (${recorded}) by runbook ${runbook}`;
    lines.push('', `${ink('bold', printable(`host ${host}`))}  ${ink('dim', printable(age))}`);
    lines.push(...hostPlanLines(plan, { ink, verbose }));
  }
  const header = ['HOST', 'UPDATE', 'CURRENT', 'PENDING', 'REFUSED', 'AGE', 'EXIT'];
  const rows = hosts.map(({ host, plan, recorded, exit }) => [
    host,
    ...COUNTED.map((action) => String(countsOf(plan)[action])),
    ageText(recorded, nowMs),
    `${exit.code} (${exit.name})`,
  ]);
  const sum = (action: (typeof COUNTED)[number]): number =>
    hosts.reduce((total, { plan }) => total + countsOf(plan)[action], 0);
  const total = [counted(hosts.length, 'host'), ...COUNTED.map((action) => String(sum(action))), '', ''];
  lines.push('', ...renderTable(header, [...rows, total], ink, { spare: [5] }));
  return `${lines.join('\n')}\n`;
}

/** The body of runbook.plans/1. */
export function inventoriesBody(hosts: readonly HostPlan[], nowMs: number): Record<string, unknown> {
  const [first] = hosts;
  const { playbook = null, plays = [] } = first === undefined ? {} : planBody(first.plan);
  return {
    playbook,
    plays,
    hosts: hosts.map(({ host, file, recorded, runbook, plan, exit }) => {
      const { devices, refusals, topology } = planBody(plan);
      const ageSeconds = Math.max(0, Math.floor((nowMs - Date.parse(recorded)) / 1000));
      return {
        host,
        file,
        recorded,
        ageSeconds,
        runbook,
        counts: countsOf(plan),
        devices,
        topology,
        refusals,
        exit,
      };
    }),
    counts: Object.fromEntries(
      COUNTED.map((action) => [action, hosts.reduce((sum, { plan }) => sum + countsOf(plan)[action], 0)]),
    ),
  };
}
