import * as assert from 'uvu/assert';
import { fromHex } from '../../src/base/bytes.ts';
import { OperationCode } from '../../src/scsi/command.ts';
import type { ScsiCommand } from '../../src/scsi/command.ts';
import { outcomeOf } from '../../src/transport/transport.ts';
import { suite } from '../support/suite.ts';
import { imageOf, play, sha256, tracesOf, wire } from './support.ts';
import type { Played, Trace } from './support.ts';

/** What runbook does with the intent of a recorded command line (rules.md section 8, "Conformance classes"). */
type Class =
  /** The same SEND DIAGNOSTIC and page 0Eh commands: CDB, data, order, time-outs. */
  | 'identical'
  /** The same up to where the tool gave up or called it a success; then as runbook's rules say. */
  | 'continues'
  /** The same up to the error, and the outcome is `failed`. */
  | 'failed'
  /** Nothing is sent, because the playbook says something that is wrong. */
  | 'refused'
  | 'not a download';

interface Row {
  readonly class: Class;
  readonly why: string;
  /** `download:` of the playbook, as YAML. */
  readonly download?: string;
  readonly activate?: string;
  /** Readings of page 0Eh that the verification adds: the final status was not read before. */
  readonly asksOnceMore?: true;
  readonly outcome?: string;
}

const TABLE: Readonly<Record<string, Row>> = {
  pm01: { class: 'not a download', why: 'status page: `runbook status`' },
  pm02: {
    class: 'identical',
    why: 'pages in mode 7',
    download: 'mode: dmc_offs_save, bpw: 4k',
    outcome: 'unverified',
  },
  pm03: {
    class: 'identical',
    why: 'pages in mode 0Eh, three subenclosures',
    download: 'mode: dmc_offs_defer, bpw: 4096',
    outcome: 'pending',
  },
  pm04: {
    class: 'identical',
    why: 'mode 0Eh and activation',
    download: 'mode: dmc_offs_defer, bpw: 4096',
    activate: '[activate_mc]',
    outcome: 'unverified',
  },
  pm05: { class: 'not a download', why: 'activation alone by page 0Eh: not in the language' },
  pm06: {
    class: 'identical',
    why: 'subenclosure and buffer id',
    download: 'mode: dmc_offs_save, subenclosure: 2, buffer-id: 1, bpw: 4k',
    outcome: 'unverified',
  },
  pm07: {
    class: 'identical',
    why: 'whole image in one page',
    download: 'mode: dmc_offs_save, bpw: whole',
    outcome: 'unverified',
  },
  pm08: {
    class: 'identical',
    why: 'padding of the last page',
    download: 'mode: dmc_offs_save, bpw: 4096',
    outcome: 'unverified',
  },
  pm09: {
    class: 'identical',
    why: '--ealsd; the verdict asks once',
    download: 'mode: dmc_offs_save, bpw: 4096, final-status: skip',
    asksOnceMore: true,
    outcome: 'unverified',
  },
  pm10: {
    class: 'identical',
    why: '--non; the verdict asks once',
    download: 'mode: dmc_offs_save, bpw: 4096, status-reads: none',
    asksOnceMore: true,
    outcome: 'unverified',
  },
  pm11: {
    class: 'continues',
    why: 'the device still wants more (01h): the tool calls that a success, runbook polls and fails',
    download: 'mode: dmc_offs_save, bpw: whole, offset: 4096, total-length: 20000',
    outcome: 'failed',
  },
  pm12: { class: 'not a download', why: 'dry run: `runbook plan`' },
  pm13: {
    class: 'identical',
    why: 'skip',
    download: 'mode: dmc_offs_save, skip: 1000, bpw: 4096',
    outcome: 'unverified',
  },
  pm14: {
    class: 'identical',
    why: 'length beyond the image, filled because the playbook says so',
    download: 'mode: dmc_offs_save, length: 12288, fill: 0xff, bpw: 4096',
    outcome: 'unverified',
  },
  pm15: {
    class: 'identical',
    why: 'length below the image',
    download: 'mode: dmc_offs_save, length: 6000, bpw: 4096',
    outcome: 'unverified',
  },
  pm16: {
    class: 'identical',
    why: 'mode 6, image a multiple of bpw',
    download: 'mode: dmc_offs, bpw: 4096',
    outcome: 'unverified',
  },
  pm17: { class: 'not a download', why: 'abort of a download: part of a restart only' },
  pm18: {
    class: 'continues',
    why: 'second page refused, 5/26/00, after a reading: once more without readings',
    download: 'mode: dmc_offs_save, bpw: 4096',
    asksOnceMore: true,
    outcome: 'unverified',
  },
  pm19: {
    class: 'failed',
    why: 'status 81h in the middle',
    download: 'mode: dmc_offs_save, bpw: 4096',
    outcome: 'failed',
  },
  pm20: { class: 'not a download', why: 'status page: `runbook status`' },
  pm21: {
    class: 'continues',
    why: 'the device still wants more (01h): the tool calls that a success, runbook polls and fails',
    download: 'mode: dmc_offs_save, bpw: 4096, total-length: 65536',
    outcome: 'failed',
  },
  pm22: {
    class: 'refused',
    why: 'mode 7 activates by itself: activate_mc behind it is a mistake',
    download: 'mode: dmc_offs_save, bpw: 4096',
    activate: '[activate_mc]',
  },
  pm23: { class: 'refused', why: 'no such mode', download: 'mode: xxx, bpw: 4096' },
  pm24: {
    class: 'identical',
    why: 'subenclosure 1, a last page of 4 bytes',
    download: 'mode: dmc_offs_defer, subenclosure: 1, bpw: 4096',
    outcome: 'pending',
  },
};

const traces = tracesOf('sg_ses_microcode');
const PAGE_CODE = 0x0e;

const playbookText = ({ download = '', activate = '[]' }: Row, hash: string): string => `runbook: v1
name: conformance
plays:
  - name: play
    match: {type: enclosure, vendor: LAB, product: SES SHELF, revision: ["0200", "0030", "0100"]}
    firmware: {file: fw.bin, sha256: ${hash}, revision: "0300"}
    download: {via: ses, ${download}}
    activate: ${activate}
    verify: {within: 5s}
`;

const isPage0E = ({ cdb, dataOut }: ScsiCommand): boolean =>
  cdb[0] === OperationCode.sendDiagnostic
    ? dataOut?.[0] === PAGE_CODE
    : cdb[0] === OperationCode.receiveDiagnosticResults && cdb[2] === PAGE_CODE;

/**
 * A simulated shelf on which the recorded device answers page 0Eh, and everything else is its own answer. Behind the end
 * of the recording it takes what it is sent, and its last status stays; a status of an end (10h on) was shown and is gone.
 */
function playTrace(trace: Trace, row: Row): Promise<Played> {
  const image = imageOf(trace);
  let lastPage = '';
  return play(playbookText(row, sha256(image)), {
    image,
    device: { persona: 'ses-shelf-triple', revision: '0100' },
    isCompared: isPage0E,
    answer: ({ cdb }, count) => {
      const recorded = trace.commands[count];
      const isReading = cdb[0] === OperationCode.receiveDiagnosticResults;
      const sense = fromHex(recorded?.sense ?? '');
      if (sense.length > 0) {
        lastPage = withoutStatus(lastPage); // the refusal dropped the download
        return outcomeOf({ status: 2, sense });
      }
      if (!isReading) {
        if (count >= trace.commands.length - 1) lastPage = withoutStatus(lastPage); // complete, and not told here
        return outcomeOf();
      }
      const page = recorded?.resp ?? lastPage;
      lastPage = endsDownload(page) ? withoutStatus(page) : page;
      return outcomeOf({ dataIn: fromHex(page) });
    },
  });
}

/** Of any subenclosure: byte 2 of each 16-byte descriptor. */
function endsDownload(page: string): boolean {
  return statusPlaces(page).some((at) => Number.parseInt(page.slice(at, at + 2), 16) >= 0x10);
}

function withoutStatus(page: string): string {
  return statusPlaces(page).reduce((text, at) => `${text.slice(0, at)}0000${text.slice(at + 4)}`, page);
}

function statusPlaces(page: string): number[] {
  const descriptors = Math.floor((page.length / 2 - 8) / 16);
  return Array.from({ length: Math.max(0, descriptors) }, (_, i) => 2 * (8 + 16 * i + 2));
}

const conformance = suite('conformance with sg_ses_microcode');

conformance('has a row for every recorded run, and no other', () => {
  assert.equal(Object.keys(TABLE).sort(), traces.map(({ id }) => id).sort());
});

for (const trace of traces) {
  const row = TABLE[trace.id];
  if (row === undefined || row.class === 'not a download') continue;
  conformance(`${trace.id} ${row.class}: ${row.why}`, async () => {
    const { sent, verifying, result } = await playTrace(trace, row);
    const recorded = trace.commands.map(wire);
    switch (row.class) {
      case 'identical':
      case 'failed':
        assert.equal(sent, recorded);
        break;
      case 'continues':
        assert.equal(sent.slice(0, recorded.length), recorded);
        assert.ok(sent.length > recorded.length, 'goes on where the tool ended');
        break;
      case 'refused':
        assert.equal(sent, []);
    }
    assert.is(result?.outcome, row.outcome, result?.reason ?? undefined);
    assert.equal(
      verifying.map(({ cdb }) => cdb),
      row.asksOnceMore === true ? ['1c010e200000'] : [],
      'the verification sends nothing but a reading of what was not read',
    );
  });
}

conformance('pm18 goes on with all pages and without a reading between them', async () => {
  const trace = traces.find(({ id }) => id === 'pm18')!;
  const { sent } = await playTrace(trace, TABLE['pm18']!);
  const rest = sent.slice(trace.commands.length).map(({ cdb }) => cdb.slice(0, 2));
  assert.is(rest.join(' '), '1c 1c 1c 1d 1d 1d');
});

conformance('pm11 and pm21 end after a minute of readings', async () => {
  for (const id of ['pm11', 'pm21']) {
    const trace = traces.find((candidate) => candidate.id === id)!;
    const { sent } = await playTrace(trace, TABLE[id]!);
    const rest = sent.slice(trace.commands.length);
    assert.is(rest.length, 60);
    assert.ok(rest.every(({ cdb }) => cdb === '1c010e200000'));
  }
});

conformance('prints the table', () => {
  for (const [id, { class: name, why }] of Object.entries(TABLE))
    console.log(`  ${id}  ${name.padEnd(16)}  ${why}`);
});

conformance.run();
