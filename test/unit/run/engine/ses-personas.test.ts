import * as assert from 'uvu/assert';
import { suite } from '../../../support/suite.ts';
import { SES_PERSONA_NAMES, holds, runShelf } from '../ses-plays.ts';
import type { SesPersonaName, ShelfRun } from '../ses-plays.ts';

const test = suite('run: every SES shelf of the simulator');

interface Expected {
  readonly given?: ShelfRun;
  readonly outcome: string;
  readonly exit: number;
  readonly holds: 'runs' | 'waits' | 'nothing';
  readonly pending?: readonly string[];
  readonly reason?: RegExp;
}

const DEFERRED: ShelfRun = {
  section: { mode: 'dmc_offs_defer' },
  play: { activate: [{ step: 'activate_mc' }, { step: 'wait-ready', withinMs: 60_000 }] },
};

function unwell(reason: RegExp): Expected {
  return { outcome: 'refused', exit: 4, holds: 'nothing', reason };
}

/** Every shelf of the simulator, with the playbook that a careful person would write for it. */
const SHELVES: Readonly<Record<SesPersonaName, Expected>> = {
  'ses-shelf': { outcome: 'pending', exit: 6, holds: 'waits', pending: ['power-cycle'] },
  'ses-shelf-immediate': { outcome: 'updated', exit: 0, holds: 'runs' },
  'celestica-es-shelf': {
    given: { play: { match: { vendor: 'CELESTIC', product: 'R0904-F0001-01' } } },
    outcome: 'updated',
    exit: 0,
    holds: 'runs',
  },
  'ses-shelf-deferred': { given: DEFERRED, outcome: 'updated', exit: 0, holds: 'runs' },
  'ses-shelf-hard-reset': {
    outcome: 'pending',
    exit: 6,
    holds: 'waits',
    pending: ['hard-reset', 'power-cycle'],
  },
  'ses-shelf-untracked': { outcome: 'pending', exit: 6, holds: 'waits', pending: ['power-cycle'] },
  'ses-shelf-any-offset': { outcome: 'pending', exit: 6, holds: 'waits', pending: ['power-cycle'] },
  'ses-shelf-non': { outcome: 'updated', exit: 0, holds: 'runs' },
  'ses-shelf-ealsd': { outcome: 'updated', exit: 0, holds: 'runs', reason: /6\/29\/04/ },
  'ses-shelf-chunk-lockup': {
    given: { section: { bpw: 8192 } },
    outcome: 'lost',
    exit: 8,
    holds: 'nothing',
    reason: /did not come back/,
  },
  'ses-shelf-triple': { outcome: 'updated', exit: 0, holds: 'runs' },
  'ses-shelf-status-80': { outcome: 'failed', exit: 1, holds: 'nothing', reason: /IMAGE LENGTH, byte 16/ },
  'ses-shelf-status-81': { outcome: 'failed', exit: 1, holds: 'nothing', reason: /error in the image.*81h/ },
  'ses-shelf-status-82': { outcome: 'failed', exit: 1, holds: 'nothing', reason: /too much time.*82h/ },
  'ses-shelf-status-83': { outcome: 'frozen', exit: 9, holds: 'nothing', reason: /new microcode.*83h/ },
  'ses-shelf-status-84': { outcome: 'failed', exit: 1, holds: 'nothing', reason: /are safe.*84h/ },
  'ses-shelf-status-85': { outcome: 'failed', exit: 1, holds: 'nothing', reason: /85h/ },
  // Shelves that are well, whatever they look like
  'ses-shelf-sparse': { outcome: 'updated', exit: 0, holds: 'runs' },
  'ses-shelf-false-alarm': { outcome: 'updated', exit: 0, holds: 'runs' },
  'ses-shelf-spare-fan': { outcome: 'updated', exit: 0, holds: 'runs' },
  'ses-shelf-settling': { outcome: 'updated', exit: 0, holds: 'runs' },
  'ses-shelf-no-health': { outcome: 'updated', exit: 0, holds: 'runs' },
  // Shelves that are not
  'ses-shelf-failed-supply': unwell(/one power supply is left without redundancy/),
  'ses-shelf-failed-fan': unwell(/one fan is left without redundancy/),
  'ses-shelf-hot': unwell(/temperature sensor 1 \(Temperature\) is critical/),
  'ses-shelf-failed-electronics': unwell(/enclosure services electronics 1 \(Electronics\) is critical/),
  'ses-shelf-failed-expander': unwell(/SAS expander 1 \(Expander\) is critical/),
  'ses-shelf-failed-slot': unwell(/slot 1 is critical/),
  'ses-shelf-broken-door': unwell(/door 0 is unrecoverable/),
  'ses-shelf-damaged-health': unwell(/page 02h .enclosure status. cannot be read/),
  'ses-shelf-worse-after': {
    outcome: 'degraded',
    exit: 1,
    holds: 'runs',
    reason: /temperature sensor 1 \(Temperature\) is critical \(was OK\)/,
  },
  'ses-simple': {
    outcome: 'refused',
    exit: 4,
    holds: 'nothing',
    reason: /does not list its diagnostic pages/,
  },
};

for (const persona of SES_PERSONA_NAMES) {
  const { given = {}, outcome, exit, holds: held, pending = null, reason } = SHELVES[persona];
  test(`${persona}: ${outcome}, exit ${exit}, the image ${held}`, async () => {
    const end = await runShelf({ ...given, persona });
    const [result] = end.results;
    assert.equal([result!.outcome, end.exit.code], [outcome, exit], result!.reason ?? undefined);
    assert.is(holds(end.device), held);
    assert.equal(result!.pending, pending);
    if (reason !== undefined) assert.match(`${result!.reason} ${result!.error?.message}`, reason);
    const shown = outcome === 'lost' || outcome === 'refused' ? null : held === 'runs' ? '2.10' : '2.08';
    assert.is(result!.after, shown);
  });
}

// ---- the peculiar ones, beside what sg_ses_microcode does with them (scsi-microcode.md#sg_ses_microcode) ----

const PECULIAR: readonly {
  readonly title: string;
  readonly tool: string;
  readonly run: ShelfRun;
  readonly outcome: string;
}[] = [
  {
    title: 'drops a download when its status is read, defaults',
    tool: 'exit 5 after the second page, 5/26/00 only with -v; --non is for the reader of the manual',
    run: { persona: 'ses-shelf-non' },
    outcome: 'updated',
  },
  {
    title: 'the same, status-reads: between (the tool: without --non)',
    tool: 'exit 5',
    run: { persona: 'ses-shelf-non', section: { statusReads: 'between' } },
    outcome: 'failed',
  },
  {
    title: 'the same, status-reads: none (--non)',
    tool: 'exit 0, the final status is never read',
    run: { persona: 'ses-shelf-non', section: { statusReads: 'none' } },
    outcome: 'updated',
  },
  {
    title: 'restarts before its last status was read, defaults',
    tool: 'exit 6, though the update took',
    run: { persona: 'ses-shelf-ealsd' },
    outcome: 'updated',
  },
  {
    title: 'the same, final-status: skip (--ealsd)',
    tool: 'exit 0',
    run: { persona: 'ses-shelf-ealsd', section: { finalStatus: 'skip' } },
    outcome: 'updated',
  },
  {
    title: 'hangs when a page is larger than 4096 bytes, bpw: 8192',
    tool: 'exit 0 (1.46 takes a time-out for a success, and sends the next page)',
    run: { persona: 'ses-shelf-chunk-lockup', section: { bpw: 8192 } },
    outcome: 'lost',
  },
  {
    title: 'the same, bpw: 4096',
    tool: 'exit 0',
    run: { persona: 'ses-shelf-chunk-lockup', section: { bpw: 4096 } },
    outcome: 'updated',
  },
  {
    title: 'still writes its flash after the last page (02h)',
    tool: 'exit 0 while it writes',
    run: { persona: 'ses-shelf' },
    outcome: 'pending',
  },
  {
    title: 'answers page 08h to everything',
    tool: 'exit 99 because the page is short; a longer one is taken for the status',
    run: { persona: 'ses-simple' },
    outcome: 'refused',
  },
  {
    title: 'needs new microcode before the next reset (83h)',
    tool: 'exit 99, as for every error status',
    run: { persona: 'ses-shelf-status-83' },
    outcome: 'frozen',
  },
];

const peculiar: string[] = [];
for (const { title, tool, run, outcome } of PECULIAR) {
  test(`${title}: ${outcome}`, async () => {
    const end = await runShelf(run);
    assert.is(end.outcomes, outcome);
    peculiar.push(`  ${title}\n      runbook: ${outcome}, exit ${end.exit.code}; sg_ses_microcode: ${tool}`);
  });
}

test('prints the peculiar ones beside sg_ses_microcode', () => {
  assert.is(peculiar.length, PECULIAR.length);
  console.log(peculiar.join('\n'));
});

test.run();
