import {
  commandsOf,
  type CommandDescription,
  type OptionDescription,
} from '../../src/cli/program/describe.ts';
import { GLOBAL_OPTIONS } from '../../src/cli/environment.ts';
import { EXIT_MEANINGS } from '../../src/report/exit-text.ts';
import { EXIT_CODES, PRECEDENCE, type ExitName } from '../../src/run/facts/outcome.ts';
import { groupOf, operandText, optionValue } from './command-page.ts';
import { OUTCOMES } from './outcomes.ts';

const ENVIRONMENT: readonly (readonly [string, string])[] = [
  ...GLOBAL_OPTIONS.map(({ option, variable, isSwitch }): [string, string] => [
    variable,
    `as ${option}${isSwitch ? '; off with 0, false, no or off' : ''}; the command line stands above it`,
  ]),
  ['XDG_STATE_HOME', 'for users other than root: the place of the state directory'],
  ['NO_COLOR', 'set to anything: no colours'],
  ['TERM', 'dumb: no colours and no moving picture'],
  [
    'UV_THREADPOOL_SIZE',
    'how many units may wait for an answer at once; by default as many as there are nodes',
  ],
];

const FILES: readonly (readonly [string, string])[] = [
  [
    '/var/lib/runbook/runs/',
    'one journal per run, of root; read it with runbook history RUN -v, remove old ones with runbook history --prune 90d',
  ],
  ['/var/lib/runbook/units/', 'what is remembered of each unit: pending, failed, frozen'],
  [
    '/var/lib/runbook/open/',
    'a file for each run that may have left a unit open; without one nothing looks after a start of the host',
  ],
  ['~/.local/state/runbook/', 'the same for other users'],
  [
    'runbook-verify.service',
    'after each start of the host: runbook verify --wait 10m, where a run left something open; see journalctl -u runbook-verify',
  ],
  ['/run/runbook/', 'a lock for each unit that a run works on, whatever the state directory is'],
];

const EXAMPLES: readonly (readonly [string, string])[] = [
  ['See what would happen, and why:', 'runbook plan upgrade.yml'],
  ['Do it, after a question:', 'runbook apply upgrade.yml'],
  [
    'The plan that was reviewed, and no other:',
    'runbook plan upgrade.yml --out upgrade.plan\nrunbook apply upgrade.plan --yes',
  ],
  ['After the power cycle of a shelf:', 'runbook verify last'],
  ['Rehearse without hardware:', 'runbook apply upgrade.yml --lab upgrade.lab.yml --yes'],
];

/** runbook(8) in the man macros of groff and mandoc. No date: a page of the same program is the same page. */
export function manPage(program: CommandDescription, version: string): string {
  return [
    '.\\" Made by scripts/generate.mjs from the definitions of the commands. Do not edit.',
    `.TH RUNBOOK 8 "" "runbook ${version}" "System Administration"`,
    '.SH NAME',
    'runbook \\- firmware upgrades for SAS expanders, enclosures and drives, from a playbook',
    '.SH SYNOPSIS',
    '.B runbook',
    '.I command',
    '.RI [ options ]',
    '.RI [ argument ...]',
    '.SH DESCRIPTION',
    text(
      'runbook reads a playbook, looks at the devices of this host, says what it would do to each of them and why, does it, and asks each device afterwards whether it is done. Nothing is sent before identity, start revision, hash and limits were checked.',
    ),
    '.PP',
    text('Commands that only look cannot write: the way to the device refuses it.'),
    '.SH COMMANDS',
    ...commandLines(program),
    '.SH OPTIONS',
    'Of every command:',
    ...program.options.flatMap(optionLines),
    '.SH OUTCOMES',
    'The verdict on one unit, from a fresh read of it:',
    ...Object.entries(OUTCOMES).flatMap(([name, { truth, todo }]) => [
      '.TP',
      `.B ${name}`,
      text(`${truth} ${todo}`),
    ]),
    '.SH EXIT STATUS',
    ...Object.entries(EXIT_CODES).flatMap(([name, number]) => [
      '.TP',
      `.B ${number}`,
      text(`${EXIT_MEANINGS[name as ExitName]} (${name})`),
    ]),
    '.PP',
    text(`Several at once: the first of ${PRECEDENCE.map((name) => EXIT_CODES[name]).join(', ')}.`),
    '.SH ENVIRONMENT',
    ...ENVIRONMENT.flatMap(([name, meaning]) => ['.TP', `.B ${name}`, text(meaning)]),
    '.SH FILES',
    ...FILES.flatMap(([name, meaning]) => ['.TP', `.I ${escaped(name)}`, text(meaning)]),
    '.SH EXAMPLES',
    ...EXAMPLES.flatMap(([what, lines]) => [
      '.PP',
      text(what),
      '.PP',
      '.RS',
      '.nf',
      ...lines.split('\n').map(text),
      '.fi',
      '.RE',
    ]),
    '.SH SEE ALSO',
    '.BR runbook\\-playbook (5),',
    '.BR runbook\\-lab (5),',
    '.BR lsscsi (8),',
    '.BR sg_inq (8),',
    '.BR sg_ses (8)',
    '',
  ].join('\n');
}

function commandLines(program: CommandDescription): string[] {
  const lines: string[] = [];
  let group = '';
  for (const command of commandsOf(program)) {
    const heading = groupOf(program, command);
    if (heading !== group) lines.push(`.SS ${text((group = heading).replace(/:$/, ''))}`);
    const { words, description, arguments: operands, options } = command;
    lines.push(
      '.TP',
      `.BR "${escaped(words.join(' '))}" "${escaped(operands.map((one) => ` ${operandText(one)}`).join(''))}"`,
    );
    lines.push(text(`${description}.`));
    // What a command takes stands indented below it.
    const inner = [
      ...operands.flatMap((one) => ['.TP', `.I ${escaped(operandText(one))}`, text(one.meaning)]),
      ...options.flatMap(optionLines),
    ];
    if (inner.length > 0) lines.push('.RS', ...inner, '.RE');
  }
  return lines;
}

function optionLines(option: OptionDescription): string[] {
  const { short, long } = option;
  const names = [...(short === null ? [] : [short]), long]
    .map((name) => `\\fB${escaped(name)}\\fR`)
    .join(', ');
  const value = optionValue(option);
  return ['.TP', `${names}${value === '' ? '' : `\\fI${escaped(value)}\\fR`}`, text(option.meaning)];
}

/** A line of text: nothing in it is a request or an escape. */
export const text = (words: string): string => escaped(words).replace(/^[.']/, '\\&$&');

/** Markdown marks of texts that are written for both are left out. */
export function escaped(words: string): string {
  return words
    .replaceAll('**', '')
    .replaceAll('`', '')
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('"', '\\(dq')
    .replaceAll('…', '...')
    .replaceAll('–', '\\-')
    .replaceAll('^', '\\(ha')
    .replaceAll('~', '\\(ti');
}
