import type { Exit } from '../run/facts/outcome.ts';
import type { Decision } from '../run/plan/decision.ts';
import { planDigest } from '../run/plan/digest.ts';
import { refusalsBesideUnits, refusalText, type Plan } from '../run/plan/plan.ts';
import { unitCounts, type UnitCounts } from '../run/plan/unit-counts.ts';
import { AlikeHosts, SharedUnits } from './alike-hosts.ts';
import { someNames } from './attention.ts';
import { printable, type Ink } from './ink.ts';
import { planBody } from './plan-document.ts';
import { hostPlanLines } from './plan-text.ts';
import { counted } from './quantities.ts';
import { renderTable } from './table.ts';
import { wrappedText } from './wrap.ts';

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

export interface ReviewOptions {
  readonly ink: Ink;
  /** Shows each host, however many there are. */
  readonly verbose: boolean;
  /** Keeps what the JSON document says of each host. */
  readonly wantsDocument: boolean;
  readonly nowMs: number;
}

/** Up to this many hosts are shown one by one. */
const FEW_HOSTS = 4;

const COUNTED = ['update', 'current', 'pending', 'refused'] as const satisfies readonly (keyof UnitCounts)[];

/**
 * Plans of recorded hosts, taken in one after the other. Of each only what is shown is kept, so that ten thousand hosts need little
 * more memory than one; with the JSON document, that of the document.
 */
export class InventoryReview {
  readonly #alike = new AlikeHosts();
  readonly #shared = new SharedUnits();
  readonly #details: string[] = [];
  readonly #rows: string[][] = [];
  readonly #entries: Record<string, unknown>[] = [];
  readonly #counts = { update: 0, current: 0, pending: 0, refused: 0 };
  #oldest: Pick<HostPlan, 'host' | 'recorded'> | null = null;
  #hosts = 0;

  constructor(private readonly options: ReviewOptions) {}

  add(host: HostPlan): void {
    this.#hosts++;
    const { plan, recorded } = host;
    const news = this.#shared.add(host.host, plan.decisions);
    const counts = unitCounts(plan.decisions);
    const first = unitCounts(plan.decisions.filter(({ facts }) => news.has(facts.id)));
    for (const action of COUNTED) this.#counts[action] += first[action];
    this.#alike.add(host.host, whatOf(plan), host.exit);
    if (this.#oldest === null || Date.parse(recorded) < Date.parse(this.#oldest.recorded))
      this.#oldest = { host: host.host, recorded };
    if (this.options.verbose || this.#hosts <= FEW_HOSTS) this.#show(host, counts);
    if (this.options.wantsDocument) this.#entries.push(entryOf(host, counts, this.options.nowMs));
  }

  /** What is alike comes first, then each host, where they are few or it was asked for. */
  get text(): string {
    const { ink } = this.options;
    const lines: string[] = [];
    if (this.options.verbose || this.#hosts <= FEW_HOSTS) {
      const header = ['HOST', 'UPDATE', 'CURRENT', 'PENDING', 'REFUSED', 'AGE', 'EXIT'];
      const sums = COUNTED.map((action) => String(this.#counts[action]));
      const total = [counted(this.#hosts, 'host'), ...sums, '', ''];
      lines.push(...this.#details, '', ...renderTable(header, [...this.#rows, total], ink, { spare: [5] }));
    }
    return wrappedText([...lines, '', ...this.#summary()], ink);
  }

  /** Of runbook.plans/1, but for the playbook. Empty without `wantsDocument`. */
  get body(): Record<string, unknown> {
    return {
      hosts: this.#entries,
      counts: this.#counts,
      alike: this.#alike.entries,
      shared: this.#shared.entries,
    };
  }

  #show(host: HostPlan, counts: UnitCounts): void {
    const { ink, verbose, nowMs } = this.options;
    const { recorded, runbook, exit } = host;
    const age = ageText(recorded, nowMs);
    const told = `recorded ${age} ago (${recorded}) by runbook ${runbook}`;
    this.#details.push('', `${ink('bold', printable(`host ${host.host}`))}  ${ink('dim', printable(told))}`);
    this.#details.push(...hostPlanLines(host.plan, { ink, verbose }));
    const numbers = COUNTED.map((action) => String(counts[action]));
    this.#rows.push([host.host, ...numbers, age, `${exit.code} (${exit.name})`]);
  }

  #summary(): string[] {
    const { ink, nowMs } = this.options;
    const groups = this.#alike.entries;
    const most = groups[0]?.hosts.length ?? 0;
    const rest = this.#hosts - most;
    const differ = rest === 0 ? '' : `, ${rest} ${rest === 1 ? 'differs' : 'differ'}`;
    const lines = [ink('bold', `${counted(this.#hosts, 'host')}: ${most} alike${differ}`)];
    for (const { hosts, what, exit } of groups) {
      const names = someNames(hosts, 'host');
      const tone = exit.code === 0 || exit.code === 5 ? 'good' : 'warn';
      lines.push(
        `${counted(hosts.length, 'host')}  ${ink(tone, `${exit.code} (${exit.name})`)}  ${printable(names)}`,
      );
      lines.push(...what.map((line) => `    ${printable(line)}`));
    }
    const shared = this.#shared.entries;
    if (shared.length > 0) {
      lines.push(
        '',
        ink('warn', 'several hosts reach these units: never upgrade them from two hosts at once'),
      );
      for (const { id, hosts } of shared.slice(0, MOST_SHARED))
        lines.push(printable(`  ${id}  ${someNames(hosts, 'host')}`));
      if (shared.length > MOST_SHARED)
        lines.push(`  and ${shared.length - MOST_SHARED} more (-v, or --format json)`);
    }
    const { update, current, pending, refused } = this.#counts;
    lines.push('', `${update} to update, ${current} current, ${pending} pending, ${refused} refused`);
    if (this.#oldest !== null) {
      const { host, recorded } = this.#oldest;
      lines.push(
        ink('dim', printable(`oldest record: ${host}, ${ageText(recorded, nowMs)} ago (${recorded})`)),
      );
    }
    return lines;
  }
}

const MOST_SHARED = 20;

/** `12 minutes`, `3 hours`, `9 days`. */
function ageText(recorded: string, nowMs: number): string {
  const minutes = Math.max(0, Math.floor((nowMs - Date.parse(recorded)) / 60_000));
  if (minutes < 120) return counted(minutes, 'minute');
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? counted(hours, 'hour') : counted(Math.floor(hours / 24), 'day');
}

/** What would happen on a host, without names of units. Equal: the same happens on both hosts. */
function whatOf(plan: Plan): string[] {
  const kinds = new Map<string, { readonly decision: Decision; count: number }>();
  for (const decision of plan.decisions) {
    const { facts, play, action, error } = decision;
    if (play === null || action === 'not-selected') continue;
    const key = JSON.stringify([play, action, facts.vendor, facts.product, facts.revision, error?.code]);
    const kind = kinds.get(key);
    if (kind === undefined) kinds.set(key, { decision, count: 1 });
    else kind.count++;
  }
  const units = [...kinds.values()].map(({ decision, count }) => `${count} × ${kindText(decision, plan)}`);
  const beside = refusalsBesideUnits(plan).map((refused) => `refused: ${refusalText(refused)}`);
  const lines = [...units, ...beside];
  return lines.length === 0 ? ['nothing is selected'] : lines.sort();
}

function kindText({ facts, play, action, error }: Decision, { playbook: { plays } }: Plan): string {
  const { vendor, product, revision } = facts;
  const unit = `${vendor} ${product} ${revision}`;
  const target = plays.find(({ name }) => name === play)?.verify.revision ?? '';
  if (action === 'update' || action === 'follows') return `${unit} → ${target}`;
  if (error === undefined) return `${unit} ${action}`;
  return `${unit} ${action} [${error.code}]`;
}

function entryOf(
  { host, file, recorded, runbook, plan, exit }: HostPlan,
  counts: UnitCounts,
  nowMs: number,
): Record<string, unknown> {
  const { devices, refusals, topology } = planBody(plan);
  const ageSeconds = Math.max(0, Math.floor((nowMs - Date.parse(recorded)) / 1000));
  const work = planDigest(plan);
  return { host, file, recorded, ageSeconds, runbook, work, counts, devices, topology, refusals, exit };
}
