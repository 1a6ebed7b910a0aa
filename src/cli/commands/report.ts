import path from 'node:path';
import { firstMismatch, isCount, isText, optional, orNull, type Shape } from '../../base/shape.ts';
import { parseJson } from '../../base/versioned-document.ts';
import { ReadError, readWhole } from '../../base/whole-file.ts';
import { diagnosticOfFile, type Diagnostic } from '../../playbook/diagnostics.ts';
import { readReport } from '../../report/read-report.ts';
import { documentOf } from '../../report/documents.ts';
import {
  joinedBody,
  joinedJunit,
  joinedMarkdown,
  joinedText,
  type JoinedHost,
} from '../../report/joined-reports.ts';
import { exitOf, PRECEDENCE, type DeviceResult, type Exit, type ExitName } from '../../run/facts/outcome.ts';
import type { Answer, CommonOptions } from '../answer.ts';
import type { JoinedForm } from '../joined-forms.ts';
import { InvalidFiles } from '../invalid-files.ts';
import { inkOf, type Io } from '../io.ts';

const NEXT = 'give the files that apply, verify or plan --format json wrote, or --report json=FILE';

/** A host with thousands of units. */
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * `runbook report FILE…`: joins the documents of many hosts, as `apply --format json` or the Ansible collection keep them. The
 * exit code is that of the worst host; hosts that were not begun have none. Throws InvalidFiles.
 */
export async function joinReports(
  files: readonly string[],
  options: CommonOptions & { readonly as: JoinedForm },
  io: Io,
): Promise<Answer> {
  const hosts: JoinedHost[] = [];
  const problems: Diagnostic[] = [];
  /** By place: one report is counted once. */
  const seen = new Map<string, string>();
  for (const file of files) {
    const read = await hostOf(file);
    if (typeof read === 'string') {
      problems.push(diagnosticOfFile(file, { code: 'inventory', message: read, hint: NEXT }));
      continue;
    }
    const place = path.resolve(file);
    const twin = seen.get(place);
    seen.set(place, twin ?? file);
    if (twin === undefined) hosts.push(read);
    else
      problems.push(
        diagnosticOfFile(file, {
          code: 'inventory',
          message: `is the same report as ${twin}`,
          hint: 'give each report once',
        }),
      );
  }
  if (problems.length > 0) throw new InvalidFiles(problems);
  const ended = hosts.filter(({ state }) => state !== 'not-begun').map(({ exit }) => exit.name);
  const exit = exitOf(worstOf(ended));
  return {
    exit,
    document: documentOf('runbook.reports/1', 'report', exit, { body: joinedBody(hosts) }),
    text: textOf(hosts, options.as, io, options.color),
    isFile: options.as !== 'text',
  };
}

/** 2 and 3 end a command before all others; here they stand beside those of other hosts. */
function worstOf(names: readonly ExitName[]): ExitName {
  const order: readonly ExitName[] = [...PRECEDENCE.slice(0, -1), 'INVALID', 'USAGE', 'OK'];
  return order.find((name) => names.includes(name)) ?? 'OK';
}

function textOf(hosts: readonly JoinedHost[], as: JoinedForm, io: Io, color: boolean): string {
  switch (as) {
    case 'text':
      return joinedText(hosts, inkOf(io.stdout, io.env, color));
    case 'markdown':
      return joinedMarkdown(hosts);
    case 'junit':
      return joinedJunit(hosts);
  }
}

/** What each JSON document of runbook has. */
const DOCUMENT: Shape = {
  fields: {
    format: isText,
    exit: { fields: { code: isCount, name: isText } },
    hostName: optional(isText),
    run: optional(orNull(isText)),
    error: optional(orNull({ fields: { message: isText } })),
  },
};

interface HostDocument {
  readonly format: string;
  readonly exit: Exit;
  readonly run?: string | null;
  readonly error?: { readonly message: string } | null;
  readonly devices?: readonly DeviceResult[];
  /** Of a plan: why nothing would be begun, beside its units. */
  readonly refusals?: readonly { readonly reason: string }[];
}

/** What a plan says of a unit; see schemas/report.schema.json. */
interface PlannedDevice extends Pick<DeviceResult, 'id' | 'paths' | 'vendor' | 'product' | 'reason'> {
  readonly play: string | null;
  readonly revision: string;
  readonly action: string;
  readonly error?: DeviceResult['error'];
}

/** The host has the name of its file, as the inventory of the controller names it. Text: what is wrong with the file. */
async function hostOf(file: string): Promise<JoinedHost | string> {
  const text = await textOfFile(file);
  if (typeof text !== 'string') return `${text.message}; check the path`;
  const parsed = parseJson(text);
  if (parsed.fault !== null) return parsed.message;
  const place = firstMismatch(parsed.value, DOCUMENT);
  if (place !== null) return whatItIs(parsed.value, place);
  const { format, exit, run = null, error = null } = parsed.value as HostDocument;
  const message = error?.message ?? null;
  const about = { host: path.basename(file).replace(/\.json$/, ''), file, exit, run, message };
  const read = readReport(text);
  // The answer of another command: why there is no report.
  if (read.fault === 'other-kind' || format === 'runbook.plans/1')
    return { ...about, state: 'no-report', devices: [] };
  if (read.fault !== null) return read.message;
  if (format === 'runbook.plan/1') return plannedHost(read.value, about);
  const { devices } = read.value as unknown as { readonly devices: readonly DeviceResult[] };
  return { ...about, state: 'ended', devices };
}

/** A plan file or a record of a host is also from runbook, and does not say how a command ended. */
function whatItIs(value: unknown, place: string): string {
  const { format } = (value ?? {}) as { readonly format?: unknown };
  return typeof format === 'string' && format.startsWith('runbook.')
    ? `does not say how a command ended: it is ${format}`
    : `is not a document of runbook (${place})`;
}

type PlanDocument = Pick<HostDocument, 'exit' | 'refusals'> & { readonly devices?: readonly PlannedDevice[] };

/** A host that has a plan alone: it was not begun, or there was nothing to begin. */
function plannedHost(
  { exit, devices = [], refusals = [] }: PlanDocument,
  about: Omit<JoinedHost, 'state' | 'devices'>,
): JoinedHost {
  const hasWork = devices.some(({ action }) => action === 'update' || action === 'follows');
  const told = devices.flatMap((device): DeviceResult[] => {
    const { id, play, paths, vendor, product, revision, action, reason, error = null } = device;
    if (play === null || !isEnd(action)) return [];
    const unit = { id, play, paths, vendor, product, before: revision, reason };
    const nothing = { after: null, pending: null, bytes: 0, chunks: 0, seconds: 0 };
    return [{ ...unit, ...nothing, outcome: action, error } as DeviceResult];
  });
  // Why a unit is refused stands at the unit.
  const isUnits = told.some(({ outcome }) => outcome === 'refused');
  const beside = isUnits ? [] : refusals.map(({ reason }) => reason);
  return {
    ...about,
    state: hasWork && (exit.code === 0 || exit.code === 5) ? 'not-begun' : 'ended',
    devices: told,
    message: about.message ?? (beside.length === 0 ? null : beside.join('; ')),
  };
}

/** What a plan decides, and what is an outcome as well. */
const isEnd = (action: string): boolean => ['current', 'pending', 'refused', 'skipped'].includes(action);

async function textOfFile(file: string): Promise<string | ReadError> {
  try {
    return new TextDecoder().decode(await readWhole(file, MOST_BYTES));
  } catch (error) {
    if (error instanceof ReadError) return error;
    throw error;
  }
}
