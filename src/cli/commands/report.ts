import path from 'node:path';
import { firstMismatch, isCount, isText, optional, orNull, type Shape } from '../../base/shape.ts';
import { ReadError, readWhole } from '../../base/whole-file.ts';
import { diagnosticOfFile, type Diagnostic } from '../../playbook/diagnostics.ts';
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
  for (const file of files) {
    const read = await hostOf(file);
    if (typeof read === 'string') problems.push(diagnosticOfFile(file, { code: 'inventory', message: read }));
    else hosts.push(read);
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

const UNIT: Shape = {
  fields: {
    id: isText,
    outcome: isText,
    reason: orNull(isText),
    error: orNull({ fields: { message: isText, next: isText } }),
  },
};

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
}

/** The host has the name of its file, as the inventory of the controller names it. Text: what is wrong with the file. */
async function hostOf(file: string): Promise<JoinedHost | string> {
  const value = await valueOf(file);
  if (typeof value === 'string') return value;
  const place = firstMismatch(value.json, DOCUMENT);
  if (place !== null) return `is not a document of runbook (${place})`;
  const { format, exit, run = null, error = null, devices = [] } = value.json as HostDocument;
  const isReport = format === 'runbook.report/1';
  const wrong = isReport ? firstMismatch(devices, { list: UNIT }) : null;
  if (wrong !== null) return `is not a report: /devices${wrong}`;
  return {
    host: path.basename(file).replace(/\.json$/, ''),
    file,
    state: isReport ? 'ended' : format === 'runbook.plan/1' && exit.code === 0 ? 'not-begun' : 'no-report',
    exit,
    run,
    devices: isReport ? devices : [],
    message: error?.message ?? null,
  };
}

async function valueOf(file: string): Promise<{ readonly json: unknown } | string> {
  try {
    return { json: JSON.parse(new TextDecoder().decode(await readWhole(file, MOST_BYTES))) };
  } catch (error) {
    if (error instanceof ReadError) return `${error.message}; check the path`;
    if (error instanceof SyntaxError) return `is not JSON (${error.message})`;
    throw error;
  }
}
