import type { ProgramFacts } from '../../../src/base/program-facts.ts';
import { refusal } from '../../../src/base/refusal.ts';
import { documentOf, type Document } from '../../../src/report/documents.ts';
import type { RunDocument } from '../../../src/report/run-record.ts';
import type { DeviceResult, ExitName } from '../../../src/run/facts/outcome.ts';
import { resultOf } from './run-events.ts';

/** A run of `apply` that reports these devices. */
export function reportDocument(
  devices: readonly DeviceResult[],
  exit: ExitName = 'OK',
  parts: Parameters<typeof documentOf>[3] = {},
): Document {
  const playbook = { file: 'upgrade.yml', sha256: 'f'.repeat(64), name: 'HP cards to 2.10' };
  return documentOf('runbook.report/1', 'apply', exit, {
    ...parts,
    body: { run: '20240101-000000-abcd', playbook, devices, notes: [] },
  });
}

export const PROGRAM: ProgramFacts = {
  version: '0.2.0',
  commit: '3f2a91c04b17',
  date: '2026-11-29',
  runtime: 'Node.js 26.12.1 (inside)',
  koffi: '3.3.4',
  architecture: 'x64',
};

export const recordOf = (document: Document, lab: string | null = null): RunDocument => ({
  document: { ...document, program: PROGRAM },
  startedAt: new Date('2024-01-01T10:20:30.456Z'),
  hostname: 'host1',
  lab,
});

/** A failure with everything that it can say. */
export const FAILURE: NonNullable<DeviceResult['error']> = {
  code: 'illegal-request',
  layer: 'device',
  message: 'the device refused the chunk',
  next: 'compare the image with the model of the card',
  cdb: '3b0e00001000001000',
  offset: 4096,
  sense: { key: 5, asc: 0x26, ascq: 0, text: 'ILLEGAL REQUEST: Invalid field in parameter list' },
};

/** One device of each kind that needs attention. */
export const TROUBLED: readonly DeviceResult[] = [
  resultOf(1),
  resultOf(2, {
    outcome: 'failed',
    after: '2.08',
    reason: 'runs 2.08',
    error: FAILURE,
    bytes: 4096,
    chunks: 1,
  }),
  resultOf(3, {
    outcome: 'pending',
    after: '2.08',
    reason: 'written and accepted; runs 2.08 until: power-cycle',
    pending: ['power-cycle'],
    error: refusal('event-pending', { runs: 'runs 2.08', events: 'power-cycle', how: 'power-cycle it' }),
  }),
  resultOf(4, {
    outcome: 'refused',
    after: '2.08',
    reason: 'runs "2.01", which match.revision ("2.08") does not list',
    error: refusal('revision-not-listed', { revision: '2.01', listed: '"2.08"' }),
    bytes: 0,
    chunks: 0,
  }),
  resultOf(5, {
    outcome: 'skipped',
    after: null,
    before: null,
    reason: refusal('stopped', { signal: 'SIGINT' }).message,
    error: refusal('stopped', { signal: 'SIGINT' }),
    bytes: 0,
    chunks: 0,
  }),
];

/** A rehearsal on made devices; the second one of two found a verdict that is not so. */
export function rehearsalDocument(): Document {
  const playbook = { file: 'upgrade.yml', sha256: 'f'.repeat(64), name: 'HP cards to 2.10' };
  const error = {
    ...refusal('rehearsal-failed', { count: 1, name: 'x', what: 'y' }),
    message: '1 rehearsal did not end as it should',
    next: 'Correct the playbook.',
  };
  const rehearsals = [
    {
      name: 'as-expected',
      what: 'does what the playbook expects',
      devices: [resultOf(1)],
      refusals: [],
      exit: { code: 0, name: 'OK' },
      problems: [],
    },
    {
      name: 'never-shows',
      what: 'never shows the new revision',
      devices: [resultOf(1, { outcome: 'updated', after: '2.08' })],
      refusals: [],
      exit: { code: 0, name: 'OK' },
      problems: ['sg1: updated is not true', 'and more'],
    },
  ];
  return documentOf('runbook.rehearsal/1', 'apply', 'FAILED', {
    body: { playbook, standIns: [], rehearsals },
    error,
  });
}
