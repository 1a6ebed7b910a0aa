import * as assert from 'uvu/assert';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fromHex, toHex } from '../../../src/base/bytes.ts';
import {
  decodeDownloadMicrocodeControl,
  downloadMicrocode,
  SES_MAXIMUM_DATA_BYTES,
} from '../../../src/ses/download-microcode-control.ts';
import {
  downloadMicrocodeStatus,
  receiveMicrocodeStatus,
} from '../../../src/ses/download-microcode-status.ts';
import { inProject } from '../../support/paths.ts';
import { suite } from '../../support/suite.ts';

interface RecordedCommand {
  readonly cdb: string;
  readonly len: number;
  readonly timeout_ms: number;
  readonly sha256?: string;
  readonly head?: string;
  readonly resp?: string;
}
interface Recording {
  readonly id: string;
  readonly args: readonly string[];
  readonly input?: { readonly size: number; readonly rule: string };
  readonly commands: readonly RecordedCommand[];
}

const recorded = suite('ses/pages as sg_ses_microcode sent and received them');

const recordings = readFileSync(inProject('test/conformance/sg3utils-traces.jsonl'), 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as Recording)
  .filter(({ id }) => id.startsWith('pm'));

const standardImage = (bytes: number): Uint8Array =>
  Uint8Array.from({ length: bytes }, (_, i) => (i * 7 + 13 + (i >> 8) * 29 + (i >> 16) * 53) & 0xff);

recorded('every status page is asked for, read, and written back byte for byte', () => {
  const answers = recordings.flatMap(({ commands }) => commands.filter(({ cdb }) => cdb.startsWith('1c')));
  let read = 0;
  for (const { cdb, len, timeout_ms: timeoutMs, resp } of answers) {
    const command = receiveMicrocodeStatus();
    assert.equal([toHex(command.cdb), command.dataInBytes, command.timeoutMs], [cdb, len, timeoutMs]);
    if (resp === undefined || !resp.startsWith('0e') || resp.length < 48) continue; // answers that were made bad on purpose
    assert.is(toHex(downloadMicrocodeStatus.encode(command.decode(fromHex(resp)))), resp);
    read++;
  }
  assert.ok(read >= 40, `${read} of ${answers.length}`);
});

recorded('every control page that is right is written byte for byte', () => {
  let written = 0;
  for (const { id, input, commands, args } of recordings) {
    if (input?.rule !== 'standard') continue;
    const skip = Number(/--skip=(\d+)/.exec(args.join(' '))?.[1] ?? 0);
    const image = standardImage(input.size).subarray(skip);
    const extent = new Uint8Array(image.length + 0x4000).fill(0xff); // what the tool fills behind the end of the file
    extent.set(image);
    for (const { cdb, len, head, sha256, timeout_ms: timeoutMs } of commands) {
      if (!cdb.startsWith('1d') || len > SES_MAXIMUM_DATA_BYTES + 24) continue; // wrapped lengths are the tool's fault
      const header = decodeHeader(head!);
      const sourceAt = header.bufferOffsetBytes === argument(args, 'offset') ? 0 : header.bufferOffsetBytes;
      const data = extent.subarray(sourceAt, sourceAt + header.dataBytes);
      const command = downloadMicrocode({ ...header, data }, timeoutMs);
      assert.is(toHex(command.cdb), cdb, id);
      assert.is(command.dataOut?.length, len, id);
      assert.is(createHash('sha256').update(command.dataOut!).digest('hex'), sha256, id);
      assert.equal(decodeDownloadMicrocodeControl(command.dataOut!).data, data.slice(), id);
      written++;
    }
  }
  assert.ok(written >= 40, `${written}`);
});

/** The 24 header bytes, read here by hand: the decoder is what is tested. */
function decodeHeader(head: string): {
  subenclosureId: number;
  generationCode: number;
  mode: number;
  bufferId: number;
  bufferOffsetBytes: number;
  imageLengthBytes: number;
  dataBytes: number;
} {
  const field = (at: number, bytes: number): number =>
    Number.parseInt(head.slice(at * 2, (at + bytes) * 2), 16);
  return {
    subenclosureId: field(1, 1),
    generationCode: field(4, 4),
    mode: field(8, 1),
    bufferId: field(11, 1),
    bufferOffsetBytes: field(12, 4),
    imageLengthBytes: field(16, 4),
    dataBytes: field(20, 4),
  };
}

function argument(args: readonly string[], name: string): number | undefined {
  const text = args.find((arg) => arg.startsWith(`--${name}=`))?.split('=')[1];
  return text === undefined ? undefined : Number(text);
}

recorded.run();
