/** What runbook does with the intent of a recorded command line (testing.md#conformance). */
export type Class =
  /** The same WRITE BUFFER commands: CDB, data, order, time-outs. */
  | 'identical'
  /** The same up to the answer at which the tool gave up; then as runbook's rules say. */
  | 'continues'
  /** The same up to the error, and the outcome is `failed`. */
  | 'failed'
  /** Nothing is sent, because the playbook or the device says no. */
  | 'refused'
  /** `activate_mc` without an image: the same command, with the time-out of an activation. */
  | 'activation alone'
  | 'not a download';

export interface WriteBufferRow {
  readonly class: Class;
  readonly why: string;
  /** `download:` of the playbook, as YAML; `timeout: 300s` is added where none is given. null: activation only. */
  readonly download?: string | null;
  readonly activate?: string;
}

/** By the id of the recorded run. */
export const WRITE_BUFFER_ROWS: Readonly<Record<string, WriteBufferRow>> = {
  pw01: { class: 'identical', why: 'chunks in mode 0Eh', download: 'mode: dmc_offs_defer, bpw: 4096' },
  pw02: {
    class: 'activation alone',
    why: 'of an image that waits',
    download: null,
    activate: '[activate_mc]',
  },
  pw03: { class: 'identical', why: 'chunks in mode 7', download: 'mode: dmc_offs_save, bpw: 4k' },
  pw04: { class: 'identical', why: 'whole image in mode 7', download: 'mode: dmc_offs_save, bpw: whole' },
  pw05: { class: 'identical', why: 'mode 5', download: 'mode: dmc_save' },
  pw06: { class: 'identical', why: 'mode 4', download: 'mode: dmc, not-saved: accepted' },
  pw07: {
    class: 'identical',
    why: 'mode 0Dh with an event',
    download: 'mode: dmc_offs_ev_defer, mode-specific: 1, bpw: 1k',
  },
  pw08: {
    class: 'identical',
    why: 'mode 0Eh and activation',
    download: 'mode: dmc_offs_defer, bpw: 4096',
    activate: '[activate_mc]',
  },
  pw09: {
    class: 'identical',
    why: 'buffer id and offset',
    download: 'mode: dmc_offs, not-saved: accepted, buffer-id: 3, offset: 0x1000, bpw: 2048',
  },
  pw10: {
    class: 'identical',
    why: 'length below the image',
    download: 'mode: dmc_offs_save, length: 6000, bpw: 4096',
  },
  pw11: {
    class: 'identical',
    why: 'length beyond the image, filled because the playbook says so',
    download: 'mode: dmc_offs_save, length: 12288, fill: 0xff, bpw: 4096',
  },
  pw12: { class: 'identical', why: 'skip', download: 'mode: dmc_offs_save, skip: 1000, bpw: 4096' },
  pw13: { class: 'identical', why: 'bpw above the image', download: 'mode: dmc_offs_save, bpw: 64k' },
  pw14: { class: 'identical', why: 'image a multiple of bpw', download: 'mode: dmc_offs_save, bpw: 4096' },
  pw15: {
    class: 'identical',
    why: 'time-out of its own',
    download: 'mode: dmc_offs_save, bpw: 4096, timeout: 60s',
  },
  pw16: { class: 'not a download', why: 'dry run: `runbook plan`' },
  pw17: { class: 'not a download', why: 'echo buffer test' },
  pw18: { class: 'not a download', why: 'data buffer test' },
  pw19: { class: 'failed', why: 'second chunk refused, 5/24/00', download: 'mode: dmc_offs_save, bpw: 4096' },
  pw20: {
    class: 'identical',
    why: 'a recovered error is accepted',
    download: 'mode: dmc_offs_save, bpw: 4096',
  },
  pw21: {
    class: 'activation alone',
    why: 'refused, 5/2C/00',
    download: null,
    activate: '[activate_mc]',
  },
  pw22: { class: 'continues', why: 'BUSY: one more try', download: 'mode: dmc_offs_save, bpw: 4096' },
  pw23: {
    class: 'identical',
    why: 'mode 0Dh with all events',
    download: 'mode: dmc_offs_ev_defer, mode-specific: 7, bpw: 4096',
  },
  pw24: {
    class: 'identical',
    why: 'hexadecimal sizes',
    download: 'mode: dmc_offs_save, bpw: 0x800, length: 0x1400',
  },
  pw25: { class: 'refused', why: 'no such mode', download: 'mode: xxx, bpw: 4096' },
};

/** The playbook that means what the recorded command line means. */
export function writeBufferPlaybook(row: WriteBufferRow, imageSha256: string): string {
  const { download, activate = '[]' } = row;
  const timeout = download?.includes('timeout:') === true ? '' : ', timeout: 300s';
  return `runbook: v1
name: conformance
plays:
  - name: play
    match: {type: enclosure, vendor: HP, product: HP SAS EXP Card, revision: ["2.08"]}
    firmware: {file: fw.bin, sha256: ${imageSha256}, revision: "2.10"}
${download == null ? '' : `    download: {via: write-buffer, ${download}${timeout}}\n`}    activate: ${activate}
    verify: {within: 5s}
`;
}
