import type { Refusal } from '../../base/refusal.ts';
import type { ProgramFacts } from '../../base/program-facts.ts';
import { isFailure, type DeviceResult, type Exit, type Outcome } from '../../run/facts/outcome.ts';
import type { HostTopology } from '../../run/facts/topology.ts';
import type { MemoryNote } from '../../run/records/earlier-work.ts';
import type { Timeline } from '../timeline.ts';
import { labelOf } from '../run-view.ts';
import { modelText } from '../quantities.ts';
import type { Document } from '../documents.ts';

/** How a state is coloured, and whether it is worth a section. */
export type Weight = 'good' | 'dim' | 'warn' | 'bad';

/** A unit on the page, the same for a run and for a plan. */
export interface PageUnit {
  readonly id: string;
  readonly play: string;
  readonly names: string;
  readonly model: string;
  readonly before: string;
  readonly after: string;
  /** `updated`, `would update`: never told by colour alone. */
  readonly state: string;
  readonly weight: Weight;
  readonly reason: string | null;
  readonly error: Refusal | null;
  readonly next: string | null;
  /** What a person should know before it is done. */
  readonly warnings: readonly string[];
  readonly chunks: number;
  readonly bytes: number;
  readonly seconds: number;
  /** It was, or will be, restarted. */
  readonly restarts: boolean;
}

/** A host with what the document tells of it. */
export interface PageHost {
  readonly name: string | null;
  readonly units: readonly PageUnit[];
  readonly topology: HostTopology | null;
  readonly timeline: Timeline | null;
  /** Why the whole is refused. */
  readonly refusals: readonly { readonly play: string; readonly reason: string; readonly error: Refusal }[];
  readonly notes: readonly MemoryNote[];
  readonly exit: Exit;
  /** Age of a recording, a play's counts: told beside the name. */
  readonly told: string | null;
}

export interface PageImage {
  readonly file: string;
  readonly sha256: string;
  readonly revision: string;
}

export interface PagePlay {
  readonly name: string;
  readonly image: PageImage & { readonly bytes: number };
}

/** Everything a page is made of, whatever the document is. */
export interface PageData {
  readonly command: string;
  readonly isPlan: boolean;
  readonly title: string;
  readonly simulated: boolean;
  readonly hosts: readonly PageHost[];
  readonly plays: readonly PagePlay[];
  /** Of a run. */
  readonly images: readonly (PageImage & { readonly play: string })[];
  readonly document: Document;
  readonly exit: Exit;
  readonly program: ProgramFacts | null;
}

interface DecisionEntry {
  readonly id: string;
  readonly play: string | null;
  readonly paths: readonly string[];
  readonly vendor: string;
  readonly product: string;
  readonly revision: string;
  readonly target: string | null;
  readonly action: string;
  readonly reason: string;
  readonly error: Refusal | null;
  /** Absent in documents of older versions. */
  readonly warnings?: readonly string[];
}

interface HostEntry {
  readonly host: string;
  readonly recorded?: string;
  readonly devices: readonly (DecisionEntry | DeviceResult)[];
  readonly refusals?: PageHost['refusals'];
  readonly topology?: HostTopology;
  readonly timeline?: Timeline;
  readonly notes?: readonly MemoryNote[];
  readonly exit: Exit;
}

type Parts = Partial<{
  readonly playbook: { readonly name: string } | null;
  readonly simulated: boolean;
  readonly plays: readonly PagePlay[];
  readonly images: PageData['images'];
  readonly devices: HostEntry['devices'];
  readonly hosts: readonly HostEntry[];
  readonly refusals: PageHost['refusals'];
  readonly topology: HostTopology;
  readonly timeline: Timeline;
  readonly notes: readonly MemoryNote[];
  readonly program: ProgramFacts;
}>;

/** Reads a JSON document of apply, verify or plan, of one host or of many. */
export function pageDataOf(document: Document): PageData {
  const parts = document as Document & Parts;
  const { playbook, simulated, plays, hosts } = parts;
  const command = document.command ?? 'runbook';
  const own: HostEntry = {
    host: '',
    devices: parts.devices ?? [],
    exit: document.exit,
    ...(parts.refusals === undefined ? {} : { refusals: parts.refusals }),
    ...(parts.topology === undefined ? {} : { topology: parts.topology }),
    ...(parts.timeline === undefined ? {} : { timeline: parts.timeline }),
    ...(parts.notes === undefined ? {} : { notes: parts.notes }),
  };
  return {
    command,
    isPlan: command === 'plan',
    title: playbook?.name ?? `runbook ${command}`,
    simulated: simulated === true,
    hosts: (hosts ?? [own]).map(hostOf),
    plays: plays ?? [],
    images: parts.images ?? [],
    document,
    exit: document.exit,
    program: 'program' in document ? document.program : null,
  };
}

function hostOf(entry: HostEntry): PageHost {
  const {
    host,
    recorded,
    devices,
    refusals = [],
    topology = null,
    timeline = null,
    notes = [],
    exit,
  } = entry;
  return {
    name: host === '' ? null : host,
    units: devices.flatMap((device) => ('outcome' in device ? [ofResult(device)] : ofDecision(device))),
    topology,
    timeline,
    refusals,
    notes,
    exit,
    told: recorded === undefined ? null : `recorded ${recorded}`,
  };
}

const WEIGHTS: Readonly<Record<Outcome, Weight>> = {
  updated: 'good',
  current: 'dim',
  skipped: 'dim',
  pending: 'warn',
  refused: 'warn',
  unverified: 'bad',
  failed: 'bad',
  degraded: 'bad',
  lost: 'bad',
  frozen: 'bad',
};

function ofResult(result: DeviceResult): PageUnit {
  const { id, play, paths, before, after, outcome, reason, error, chunks, bytes, seconds } = result;
  return {
    ...{ id, play, reason, error, chunks, bytes, seconds },
    names: paths.map(labelOf).join(' ') || id,
    model: modelText(result),
    before: before ?? '?',
    after: after ?? '?',
    state: outcome,
    weight: WEIGHTS[outcome],
    next: error?.next ?? null,
    warnings: [],
    restarts: chunks > 0 || isFailure(outcome),
  };
}

const ACTIONS: Readonly<Record<string, readonly [state: string, weight: Weight]>> = {
  update: ['to update', 'good'],
  follows: ['to follow', 'good'],
  current: ['current', 'dim'],
  pending: ['pending', 'warn'],
  refused: ['refused', 'bad'],
  skipped: ['left out', 'warn'],
};

/** A unit that no play selects is in the picture alone. */
function ofDecision(entry: DecisionEntry): PageUnit[] {
  const { id, play, paths, revision, target, action, reason, error } = entry;
  if (play === null) return [];
  const [state, weight] = ACTIONS[action] ?? [action, 'dim' as const];
  return [
    {
      ...{ id, play, reason, error, state, weight },
      names: paths.map(labelOf).join(' ') || id,
      model: modelText(entry),
      before: revision,
      after: target ?? revision,
      next: error?.next ?? null,
      warnings: entry.warnings ?? [],
      ...{ chunks: 0, bytes: 0, seconds: 0 },
      restarts: action === 'update' || action === 'follows' || action === 'refused',
    },
  ];
}

/** States in the order in which they are counted up. */
export const STATE_ORDER: readonly string[] = [
  ...['frozen', 'lost', 'failed', 'degraded', 'unverified', 'refused', 'left out', 'pending', 'skipped'],
  ...['to update', 'to follow', 'updated', 'current'],
];

/** `{state: how many}` of some units, the worst first. */
export function countStates(units: readonly PageUnit[]): [state: string, count: number][] {
  const counts = new Map<string, number>();
  for (const { state } of units) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => STATE_ORDER.indexOf(a) - STATE_ORDER.indexOf(b));
}
