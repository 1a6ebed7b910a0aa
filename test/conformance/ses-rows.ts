/** What runbook does with the intent of a recorded command line (testing.md#conformance). */
export type Class =
  /** The same SEND DIAGNOSTIC and page 0Eh commands: CDB, data, order, time-outs. */
  | 'identical'
  /** The same up to where the tool gave up or called it a success; then as runbook's rules say. */
  | 'continues'
  /** The same up to the error, and the outcome is `failed`. */
  | 'failed'
  /** Nothing is sent, because the playbook says something that is wrong. */
  | 'refused'
  | 'not a download';

export interface SesRow {
  readonly class: Class;
  readonly why: string;
  /** `download:` of the playbook, as YAML. */
  readonly download?: string;
  readonly activate?: string;
  /** Readings of page 0Eh that the verification adds: the final status was not read before. */
  readonly asksOnceMore?: true;
  readonly outcome?: string;
}

/** By the id of the recorded run. */
export const SES_ROWS: Readonly<Record<string, SesRow>> = {
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
    download: 'mode: dmc_offs, not-saved: accepted, bpw: 4096',
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

/** The playbook that means what the recorded command line means. */
export const sesPlaybook = ({ download = '', activate = '[]' }: SesRow, hash: string): string => `runbook: v1
name: conformance
plays:
  - name: play
    match: {type: enclosure, vendor: LAB, product: SES SHELF, revision: ["0200", "0030", "0100"]}
    firmware: {file: fw.bin, sha256: ${hash}, revision: "0300"}
    download: {via: ses, ${download}}
    activate: ${activate}
    verify: {within: 5s}
`;
