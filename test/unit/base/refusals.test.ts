import * as assert from 'uvu/assert';
import { refusal } from '../../../src/base/refusal.ts';
import { REFUSAL_GROUPS, REFUSALS, type RefusalCode } from '../../../src/base/refusals/list.ts';
import { suite } from '../../support/suite.ts';

const test = suite('base/refusals');

/** Example values, by the names that the templates use. */
const EXAMPLES: Readonly<Record<string, string | number>> = {
  node: 'sg1',
  twin: 'sg2',
  unit: 'naa.5001',
  nodes: 'sg1 and sg2',
  what: '…',
  before: '2.08',
  place: 'here',
  instead: '',
  beforeSerial: 'SN1',
  now: '2.06',
  nowSerial: 'SN2',
  why: ': …',
  through: ' through naa.5002',
  inRun: ' in run r1',
  settled: ' (settled by a person: seen)',
  on: 'it',
  field: 'revision',
  page: 'VPD page 80h',
  subenclosure: 3,
  offset: 4,
  text: 'REV B',
  play: 'cards',
  revision: '2.08',
  listed: '"2.06", "2.07"',
  mode: 'dmc_offs',
  said: 'the unit lists dmc_save',
  bits: 7,
  event: 'hard reset',
  from: 512,
  buffer: 0,
  allowed: 'offset 0 only',
  seconds: 60,
  asked: 120,
  command: 'dmc_offs',
  length: 'the image is 9000 bytes',
  most: 8192,
  driver: 'megaraid_sas',
  product: 'HP SAS EXP Card',
  drives: 'a drive',
  users: 'swap',
  assumed: '',
  step: 'rescan',
  use: 'it is in use',
  enclosure: '5001a',
  modules: 2,
  seen: ' (seen)',
  partner: 'naa.5002',
  since: ' since run r1',
  run: 'r1',
  events: 'power-cycle',
  outcome: 'failed',
  sync: 'active',
  look: '',
  sha256: 'a20c93213024',
  places: 'subenclosure 1',
  status: 'download in progress',
  type: 'enclosure',
  vendor: 'HP',
  where: 'on this host',
  wanted: '3',
  count: 2,
  name: 'sg9',
  time: '2026-01-01',
  planned: 'jbod7',
  here: 'jbod8',
  units: 'one unit is refused',
  signal: 'SIGINT',
  end: 'failed',
  runs: 'runs 2.10',
  how: 'Power-cycle it',
  target: '2.10',
  expected: 'EXP',
  paths: '…',
  phase: 'download',
  program: 'flash',
  version: '0.1.0',
  bpw: 4096,
  who: 'the device reports that an image waits',
  still: 'the unit still shows 2.08',
  change: 'the serial number changed',
  shows: 'shows 2.10, although',
  needed: '20.19',
  found: '18.0',
  root: '/sys',
  job: 'cards-1',
  directory: '/s/jobs',
  pid: 77,
  output: '/s/jobs/cards-1/0.out',
  file: '/s/jobs/cards-1/1/record.json',
  says: 'which unit this is',
  cause: 'no answer',
  fact: 'vpd-83h',
  risk: 'it is not noticed',
  errno: 'EACCES',
};

/** Codes whose words are said by whoever met them. */
type Told<Code extends RefusalCode> = (typeof REFUSALS)[Code]['message'] extends '{what}' ? never : Code;
type Worded = { [Code in RefusalCode]: Told<Code> }[RefusalCode];

/** Every wording, once. Other tests look at codes. */
const WORDING: Readonly<Record<Worded, string>> = {
  // Which unit it is
  'no-identity': 'has no usable identity (no NAA or EUI-64 designator in VPD page 83h)',
  'ambiguous-identity': 'sg1 and sg2 share naa.5001 and may be one unit over two paths',
  'conflicting-paths': 'sg1 and sg2 share the designator naa.5001, but show …',
  'identity-changed': 'identity changed: 2.08 (serial SN1) was here, now 2.06 (serial SN2)',
  'identity-unreadable': 'VPD page 80h cannot be read any more: no answer',
  'module-changed': 'was 2.08 when the plan was made, and is 2.06 now',
  'not-there': 'is not there now',
  'not-identified': 'is not found, and sg1 does not say who it is: no answer',
  'no-longer-selected': 'is no longer selected: : …',
  'changed-since-plan': 'revision was "2.08" when the plan was made, and is "2.06" now',
  'subenclosure-missing': 'VPD page 80h does not show subenclosure 3',
  'fact-unreadable': 'VPD page 80h cannot be read, and it says which unit this is: no answer',
  'proof-unreadable': 'VPD page 80h cannot be read, and match.proof looks there',
  'proof-differs': 'VPD page 80h at byte 4 does not show "REV B" (match.proof)',
  'shares-microcode': 'shares its microcode with naa.5001, and nothing is written to it; it shows 2.08',
  'selected-twice': 'play "cards" selects this unit too',
  // Does the playbook fit the unit
  'revision-not-listed': 'runs "2.08", which match.revision ("2.06", "2.07") does not list',
  'mode-not-supported': 'the playbook wants mode dmc_offs, and the unit lists dmc_save',
  'event-not-supported':
    'mode-specific 7 asks for activation by hard reset, and the unit does not support that event (revision is 0 in VPD page 86h)',
  'buffer-boundary': 'bpw is 4096 from offset 512, and buffer 0 of the unit takes offset 0 only',
  'timeout-too-short': 'the playbook gives a command 60 s, and the unit asks for 120 s (dmc_offs)',
  'page-not-listed': 'the unit does not list VPD page 80h',
  'image-too-large': 'subenclosure 3: the image is 9000 bytes, and the unit takes at most 8192',
  'sata-drive': 'is a SATA drive behind a translation, which does not carry WRITE BUFFER through',
  'raid-adapter': 'is behind a RAID adapter (driver megaraid_sas), which filters WRITE BUFFER',
  'data-locked': 'is a self-encrypting drive, and its data are locked (TCG Level 0 Discovery)',
  'type-not-supported': 'HP SAS EXP Card is of a type that runbook does not upgrade',
  'at-target': 'HP SAS EXP Card runs 2.08 already',
  // Who would be without a disk
  'last-path': 'its restart takes the last path of a drive in use (swap)',
  'in-use': 'is in use (swap)',
  'step-removes-disk': 'the step rescan would remove sg1, and it is in use',
  'step-not-alone': 'the step reload-driver needs strategy.concurrent: 1',
  // Other modules of the enclosure
  'partner-unasked':
    'its enclosure 5001a has 2 modules, this host knows  (seen), and naa.5001 may be another one: : …',
  'partner-away': 'its enclosure 5001a has 2 modules, and this host sees  (seen)',
  'partner-unwell': 'its partner naa.5002 in enclosure 5001a …',
  'partner-revision-unknown':
    'its partner naa.5002 in enclosure 5001a runs "2.08", which the playbook does not know',
  'partner-frozen': 'naa.5002 is frozen since run r1',
  'partner-degraded': 'its partner naa.5002 in enclosure 5001a ended degraded in run r1: …',
  'partner-pending':
    'its partner naa.5002 in enclosure 5001a was written by run r1 and waits for: power-cycle',
  'partner-not-updated': 'its partner naa.5002 in enclosure 5001a ended failed',
  'partner-out-of-step': 'its partner naa.5002 in enclosure 5001a …, and `partner-sync: active` expects 2.08',
  // Health of the enclosure
  'enclosure-unwell': 'its enclosure is not well: … (diagnostic page 02h)',
  'health-worse': 'its enclosure is worse than before: … (diagnostic page 02h)',
  'health-unknown-after': 'diagnostic page 02h, which was read before, cannot be read: …',
  // What is left from before
  frozen: 'is frozen since run r1 through naa.5002: …',
  'frozen-reset': 'the step reload-driver would reset naa.5001, which is frozen since run r1',
  'waits-for-event':
    'was written by run r1 through naa.5002, and runs 2.08 until: power-cycle (settled by a person: seen)',
  'section-waits': 'was written by run r1: …',
  'ended-badly': 'this image ended failed on it in run r1 (settled by a person: seen): …',
  'fell-back':
    'run r1 brought it from 512 to 2.08 with this image (seen); it shows shows 2.10, although since run r1',
  renamed: 'is failed since run r1, and shows other names now, which no play selects',
  'still-away': 'is failed since run r1, and is not there',
  'sections-unproven': 'not all of its sections are proven since run r1: …',
  'interrupted-run': 'run r1 was interrupted on it with another image, or one that is not known: …',
  'foreign-download': 'subenclosure 3: download in progress',
  'nothing-waits':
    'the playbook only activates, and no run of this host left an image waiting on this unit; a unit does not tell which image waits',
  'other-image-waits':
    'run r1 left another image waiting on it (2.08, sha256 a20c93213024), and this playbook pins its own',
  'waiting-unsure':
    'run r1 left an image waiting on it, and since then it reported  (seen): whether that image still waits is not known',
  'waits-elsewhere':
    'the image waits in subenclosure 1, and a playbook without a download only activates that of the unit itself',
  'starts-now': 'the image of a download of unknown origin starts now',
  // The run as a whole
  'nothing-matches':
    'nothing matches: no enclosure with vendor "HP" and product "HP SAS EXP Card" on this host',
  'expect-differs': 'the playbook expects 3 such units, the host has 2',
  'only-unknown': '--only sg9: there is no such device',
  'recover-unknown': '--recover sg9: there is no such device',
  'only-not-selected': '--only sg9: no play selects this unit',
  'plan-expired': 'the plan expired on 2026-01-01',
  'plan-from-future': 'the plan was made on 2026-01-01, which is still to come',
  'plan-work-differs': 'the units of the plan do not belong to its work',
  'plan-digest-differs': 'the plan has the digest 18.0, not 3',
  'plan-of-other-host': 'the plan was made on host jbod7, and this is jbod8',
  'plan-of-other-version': 'the plan was made by runbook jbod7, and this is jbod8',
  'playbook-changed': 'the playbook has changed since the plan was made',
  'image-changed': 'the image has changed since the plan was made',
  'planned-unit-missing': 'naa.5001 (sg1 and sg2) of the plan is not there',
  'not-confirmed': 'not confirmed at the prompt',
  'unit-refused': 'one unit is refused, so the whole run is refused',
  'run-refused': 'not begun: the run was refused before the first byte',
  stopped: 'stopped by SIGINT before the first byte',
  'run-broken': 'runbook itself failed before this unit was begun',
  'too-many-failures': 'the run was halted: more failed or were not proven than max-failures: 2 accepts',
  'canary-failed': 'the canary naa.5001 ended failed in run r1',
  'other-refused': 'naa.5001 was refused',
  'earlier-play': 'comes after play "cards": failed there',
  // The verdict on a unit
  'event-pending': 'written and accepted; runs 2.10 until: power-cycle',
  'section-unseen': 'runs 2.10, but …',
  'section-pending': 'written and accepted; runs 2.10, and a section waits until: power-cycle',
  'revision-unchanged': 'everything was accepted, but the unit still shows 2.08',
  'witness-differs': 'runs 2.10, but the witness disagrees',
  'event-without-effect': 'written and accepted; runs 2.10 until: power-cycle (seen)',
  'image-waits':
    'written and accepted; shows 2.08, but the device reports that an image waits; it starts at: power-cycle',
  'may-have-started':
    'written and accepted; shows 2.08, and may have started (seen); it starts at: power-cycle',
  'waits-in-vain':
    'shows 2.08, but the device reports that an image waits although everything that starts it was done',
  'acceptance-unknown': 'shows 2.08, but how much of the image was accepted is not known: …',
  'restart-without-effect': 'everything was accepted, but the unit still shows 2.08 (seen)',
  'unit-frozen': 'reports an internal failureruns 2.10: …',
  'unit-changed': 'the serial number changed; runs 2.08',
  'image-reported-bad': 'shows 2.10, although the device reports: …',
  'not-activated': 'shows 2.08, but was not activated: …; the image starts at: power-cycle',
  'nothing-waited': 'runs 2.10 still: …; no image waits on it',
  'not-ready-yet': 'shows 2.08, and is not ready yet: …',
  'did-not-come-back': 'did not come back: …',
  'shows-nothing': 'answers, and does not show what it runs: …: …',
  'other-revision': 'runs 2.10, neither 2.08 nor 2.10: …',
  'old-revision': 'runs 2.10 still: …',
  'activation-unknown': 'shows 2.08, but nobody knows whether it was activated: …',
  'sense-unreadable': 'REQUEST SENSE cannot be read, which says whether an image waits: no answer',
  'image-incomplete': 'shows 2.08 although …: a staged or a backup image',
  'section-missing': 'runs 2.10, but …',
  'not-ready-after': 'runs 2.10, but is not ready: …',
  'vendor-changed': 'runs 2.10, but its vendor (INQUIRY) …',
  'product-changed': 'runs 2.10, but its product (INQUIRY) …',
  'serial-changed': 'runs 2.10, but its serial number (VPD page 80h) was "2.08" and is "2.06"',
  'paths-unknown': 'which paths it had before is not known',
  'unit-interrupted': '…; shows 2.10, although',
  'unit-broken-off': 'a bug in runbook ended the download of this unit: …',
  // Answers to commands
  // Microcode status of an enclosure
  'download-dropped': 'the unit dropped the download: …',
  'enclosure-changed': '…, and page 01h does not show the same subenclosure as before',
  'page-unreadable': 'VPD page 80h cannot be read, or lacks the subenclosure',
  'drops-when-read': '…; this unit drops a download when its status is read',
  'no-revision': 'the unit does not show its revision',
  // Programs and steps of the host
  'program-failed': 'flash ended with exit status download in progress',
  'program-too-slow':
    'flash was ended after 60 s (within), with its children: what it was sending stopped in the middle, and the unit may hold half an image',
  'step-failed': 'rescan: …',
  // Nodes and locks
  'node-too-old': 'runbook needs Node.js 20.19 or later, this is 18.0',
  'program-incomplete':
    '/s/jobs/cards-1/1/record.json is not there: runbook.cjs is only the start of the program',
  'proc-not-mounted': '/proc is not mounted, and without it the threads of this process cannot be counted',
  'host-unreadable': '/s/jobs/cards-1/1/record.json cannot be read (EACCES)',
  'sysfs-not-mounted': "/sys does not hold the kernel's sysfs: it is not mounted",
  'no-sg-driver': 'the sg driver is not loaded',
  'no-sg-node': 'no sg node: the sg driver is not loaded',
  // What runbook keeps
  'memory-unreadable': 'what is remembered of its units could not be read: …',
  // The command line
  bug: 'this is a bug in runbook 0.1.0: …',
  'rehearsal-failed': '2 did not end as it should: sg9: …',
  // Firmware files
  // Labs
  // Jobs in the background
  'job-unknown': 'there is no job cards-1 in /s/jobs',
  'job-of-another': 'job cards-1 was begun with …',
  'job-running': 'job cards-1 is running: process 77 since  since run r1',
  'job-died': 'job cards-1 died: …',
  'job-not-started': 'job cards-1 did not start: …',
  'job-damaged': '/s/jobs/cards-1/1/record.json …',
  'not-a-job': '/s/jobs/cards-1/1/record.json is not part of a job: …',
};

const told = refusal as (code: string, values: typeof EXAMPLES) => ReturnType<typeof refusal>;

test('every code says what it has to say', () => {
  const worded = Object.keys(WORDING).map((code) => [code, told(code, EXAMPLES).message]);
  assert.equal(Object.fromEntries(worded), WORDING);
});

test('a code stands once in the list, and is a word of small letters', () => {
  const codes = Object.values(REFUSAL_GROUPS).flatMap((group) => Object.keys(group));
  assert.equal(codes.length, new Set(codes).size);
  assert.equal(codes.length, Object.keys(REFUSALS).length);
  assert.equal(
    codes.filter((code) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(code)),
    [],
  );
});

test('every word in braces has an example, and none is left open', () => {
  for (const code of Object.keys(REFUSALS)) {
    const { message, next } = told(code, EXAMPLES);
    assert.not.match(`${message} ${next}`, /undefined|[{}]/, code);
  }
});

test('a next step is there, and says what to do', () => {
  for (const [code, { cause, next }] of Object.entries(REFUSALS)) {
    assert.match(cause, /^\S.*\.$/, code);
    assert.ok(next.length > 8, code);
  }
});

test('what overrides a guard is never the ordinary way: its risk stands beside it', () => {
  for (const [code, { next }] of Object.entries(REFUSALS)) {
    if (/--(take-over|retry)/.test(next)) assert.match(next, /Only|[Oo]nce it is understood|vendor/, code);
  }
});

test('nobody is sent to the power switch of a unit that must keep its power', () => {
  for (const code of ['frozen', 'partner-frozen', 'frozen-reset', 'internal-failure'] as const) {
    assert.not.match(REFUSALS[code].next, /power-cycle|[Cc]ycle the power|hard reset/, code);
  }
});

test('what a caller knows better takes the place of what the list says', () => {
  const { next, layer, offset } = refusal(
    'not-ready',
    { what: 'x' },
    { next: 'Look.', layer: 'kernel', offset: 8 },
  );
  assert.equal([next, layer, offset], ['Look.', 'kernel', 8]);
});

test.run();
