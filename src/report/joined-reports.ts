import { groupsBy } from '../base/groups.ts';
import type { DeviceResult, Exit } from '../run/facts/outcome.ts';
import { attentions, namesOf, saysMore, someNames } from './attention.ts';
import { failureFacts } from './failure-text.ts';
import { mdText, mdTable } from './markdown.ts';
import { printable, type Ink, type Tone } from './ink.ts';
import { counted } from './quantities.ts';
import { countsText } from './report-text.ts';
import { renderTable } from './table.ts';
import { wrappedText } from './wrap.ts';
import { xml, xmlDocument, type Xml } from './xml.ts';

/** What is known of one host of many. */
export interface JoinedHost {
  readonly host: string;
  readonly file: string;
  /** `not-begun`: it has a plan alone. `no-report`: the document is about something that went wrong before. */
  readonly state: 'ended' | 'not-begun' | 'no-report';
  readonly exit: Exit;
  readonly run: string | null;
  readonly devices: readonly DeviceResult[];
  /** One sentence on what is wrong beside the units; null: nothing. */
  readonly message: string | null;
}

/** Exits after which nobody has to do anything. */
const isGood = ({ state, exit }: JoinedHost): boolean => state === 'ended' && exit.code === 0;
const isFailed = ({ state, exit }: JoinedHost): boolean =>
  state === 'no-report' || (state === 'ended' && ![0, 6, 10].includes(exit.code));

/** Failures first, then what waits, then hosts that were not begun, then the others; by name among equals. */
export function worstFirst(hosts: readonly JoinedHost[]): JoinedHost[] {
  const rank = (host: JoinedHost): number =>
    isFailed(host) ? 0 : host.exit.code === 6 ? 1 : host.state === 'not-begun' ? 2 : isGood(host) ? 4 : 3;
  return hosts.toSorted((a, b) => rank(a) - rank(b) || a.host.localeCompare(b.host, 'en', { numeric: true }));
}

/** Why a host is not well, in a line; empty: it is. */
function reasonText({ devices, message }: JoinedHost): string {
  const bad = devices.filter(({ outcome }) => outcome !== 'updated' && outcome !== 'current');
  const units = bad.map(
    ({ id, outcome, reason }) => `${id} ${outcome}${reason === null ? '' : `: ${reason}`}`,
  );
  return [...(message === null ? [] : [message]), ...units].join('; ');
}

const endText = ({ state, exit }: JoinedHost): string =>
  state === 'not-begun' ? 'not begun' : `${exit.code} (${exit.name})`;

const toneOf = (host: JoinedHost): Tone => (isFailed(host) ? 'bad' : isGood(host) ? 'good' : 'warn');

/** `3 hosts: 1 failed, 1 not begun`. */
function summary(hosts: readonly JoinedHost[]): string {
  const parts = [
    [hosts.filter(isFailed).length, 'failed'],
    [hosts.filter(({ state, exit }) => state === 'ended' && exit.code === 6).length, 'waiting for an event'],
    [hosts.filter(({ state }) => state === 'not-begun').length, 'not begun'],
    [hosts.filter(isGood).length, 'well'],
  ] as const;
  const told = parts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  return `${counted(hosts.length, 'host')}${told.length === 0 ? '' : `: ${told.join(', ')}`}`;
}

/** One table of all hosts, and what is wrong with those that are not well. */
export function joinedText(hosts: readonly JoinedHost[], ink: Ink): string {
  const sorted = worstFirst(hosts);
  const rows = sharedHosts(sorted).map(([host, ...alike]) => [
    someNames(
      [host, ...alike].map((one) => one.host),
      'host',
    ),
    { text: endText(host), tone: toneOf(host) },
    countsText(host.devices),
    alike.length > 0 ? '-' : (host.run ?? '-'),
  ]);
  const lines = [
    summary(hosts),
    '',
    ...renderTable(['HOST', 'EXIT', 'UNITS', 'RUN'], rows, ink, { spare: [3] }),
  ];
  for (const { names, said } of saidOnce(sorted))
    lines.push('', `${ink('bold', printable(names))} ${printable(said[0]!)}`, ...said.slice(1));
  return wrappedText(lines, ink);
}

type AlikeHosts = readonly [JoinedHost, ...JoinedHost[]];

/** Up to this many hosts each has a row; of more, those that ended alike share one, unless they failed. */
const FEW_HOSTS = 16;

function sharedHosts(sorted: readonly JoinedHost[]): AlikeHosts[] {
  return groupsBy(sorted, (host) => {
    const isOwn = sorted.length <= FEW_HOSTS || isFailed(host);
    return isOwn ? `host ${host.host}` : `${endText(host)} ${countsText(host.devices)}`;
  });
}

/** What is wrong on some hosts: equal things once, with those that it is said of; what failed stands last. */
function saidOnce(
  hosts: readonly JoinedHost[],
): { readonly names: string; readonly said: readonly string[] }[] {
  const hostOf = new Map(hosts.flatMap(({ host, devices }) => devices.map((one) => [one, host] as const)));
  const units = attentions([...hostOf.keys()]).map((alike) => {
    const [result] = alike;
    const { outcome, reason, error } = result;
    return {
      names: someNames(
        alike.map((one) => `${hostOf.get(one)!} ${namesOf([one])}`),
        'device',
      ),
      said: [
        `${outcome}${reason === null ? '' : `: ${reason}`}`,
        ...(saysMore(result) ? [`  ${printable(result.error.message)}`] : []),
        ...(error === null ? [] : failureFacts(error)),
      ],
    };
  });
  const messages = new Map<string, string[]>();
  for (const { host, message } of hosts)
    if (message !== null) messages.set(message, [...(messages.get(message) ?? []), host]);
  const own = [...messages].map(([message, names]) => ({
    names: `${someNames(names, 'host')}:`,
    said: [message],
  }));
  return [...own, ...units];
}

/** The same for a ticket. */
export function joinedMarkdown(hosts: readonly JoinedHost[]): string {
  const rows = worstFirst(hosts).map((host) => [
    mdText(host.host),
    mdText(endText(host)),
    mdText(countsText(host.devices)),
  ]);
  const said = saidOnce(worstFirst(hosts)).map(({ names, said: [first = '', ...more] }) =>
    [
      `- **${mdText(names)}** ${mdText(first)}`,
      ...more.map((line) => `  - ${mdText(line.trimStart())}`),
    ].join('\n'),
  );
  const parts = [
    `# Firmware on ${counted(hosts.length, 'host')}`,
    `**${mdText(summary(hosts))}**`,
    mdTable(['Host', 'Exit', 'Units'], rows).join('\n'),
    ...(said.length === 0 ? [] : ['## What is wrong', said.join('\n')]),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** One test case for each host; one that was not begun is skipped. */
export function joinedJunit(hosts: readonly JoinedHost[]): string {
  const sorted = worstFirst(hosts);
  const skipped = sorted.filter((host) => !isFailed(host) && !isGood(host)).length;
  const counts = { tests: hosts.length, failures: sorted.filter(isFailed).length, errors: 0 };
  const cases = sorted.map((host): Xml => {
    const message = reasonText(host) || endText(host);
    const verdict = isFailed(host) ? 'failure' : isGood(host) ? null : 'skipped';
    const content = verdict === null ? [] : [xml(verdict, { message, type: host.exit.name })];
    return xml('testcase', { classname: 'hosts', name: host.host, time: '0.000' }, [
      ...content,
      xml('system-out', {}, `${endText(host)} ${countsText(host.devices)}`.trim()),
    ]);
  });
  const suite = xml('testsuite', { name: 'hosts', ...counts, skipped, time: '0.000' }, cases);
  return xmlDocument(xml('testsuites', { name: 'runbook', ...counts, time: '0.000' }, [suite]));
}

/** The body of runbook.reports/1. */
export const joinedBody = (hosts: readonly JoinedHost[]): Record<string, unknown> => ({
  hosts: worstFirst(hosts),
});
