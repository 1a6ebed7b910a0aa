import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { OperationCode } from '../../src/scsi/command.ts';
import { commandCount } from '../../src/microcode/chunks.ts';
import { imageDownload } from '../../src/run/unit/image-download.ts';
import { pageAt, pageCommand } from '../../src/microcode/ses/pages.ts';
import { loadPlaybook } from '../../src/playbook/playbook.ts';
import { resolvePlaybook } from '../../src/playbook/resolve.ts';
import type { ResolvedPlaybook, ResolvedSesSection } from '../../src/playbook/resolved.ts';
import { explainUnit } from '../../src/explain/explain.ts';
import { SES_MICROCODE_MODES } from '../../src/ses/download-microcode-control.ts';
import { standardImage } from '../../src/simulator/lab-images.ts';
import { outcomeOf } from '../../src/transport/transport.ts';
import { calledBy } from '../support/shell-words.ts';
import { suite } from '../support/suite.ts';
import { pathOf } from '../unit/run/builders.ts';
import { SES_ROWS, sesPlaybook } from './ses-rows.ts';
import { imageOf, play, sentOf, sha256, tracesOf, wire } from './support.ts';
import type { Sent, Trace } from './support.ts';
import { sgSesMicrocode, sgWriteBuffer } from './tool-model.ts';
import { WRITE_BUFFER_ROWS, writeBufferPlaybook } from './write-buffer-rows.ts';
import type { ExplainedStep } from '../../src/explain/pieces.ts';

const TOOLS = ['sg_write_buffer', 'sg_ses_microcode'];
const SKIPPED = ['not a download', 'refused'];

async function resolvedOf(text: string, image: Uint8Array): Promise<ResolvedPlaybook | null> {
  const { playbook } = loadPlaybook('conformance.yml', text);
  if (playbook === null) return null;
  const labImages = new Map([['fw.bin', image]]);
  return (await resolvePlaybook(playbook, { directory: '/nonexistent', labImages })).resolved;
}

const stepsOf = ({ plays, file }: ResolvedPlaybook): readonly ExplainedStep[] =>
  explainUnit(plays[0]!, { paths: [pathOf(9)], enclosures: null, deviceType: 0x0d }, file);

/** What the tools would send for the lines of `download` and `activate`. */
function sentBy(steps: readonly ExplainedStep[], image: Uint8Array, generationCode = 0): Sent[] {
  const lines = steps.flatMap(({ step, commands }) =>
    step === 'download' || step === 'activate_mc' ? commands : [],
  );
  const files = new Map([['fw.bin', image]]);
  let isFurther = false;
  return calledBy(lines, TOOLS).flatMap(([tool, ...args]) => {
    assert.is(args.at(-1), '/dev/sg9');
    if (tool === 'sg_write_buffer') return sgWriteBuffer(args, files);
    const sent = sgSesMicrocode(args, files, generationCode);
    // Every call reads the status page before it begins; runbook does it once.
    const counted = isFurther ? sent.slice(1) : sent;
    isFurther = true;
    return counted;
  });
}

const test = suite('conformance of plan --explain');

const generationOf = ({ commands }: Trace): number =>
  Number.parseInt((commands[0]?.resp ?? '').slice(8, 16), 16);

test('the model of the tools sends what the tools were recorded to send', () => {
  let count = 0;
  for (const trace of [...tracesOf('sg_write_buffer'), ...tracesOf('sg_ses_microcode')]) {
    const row = WRITE_BUFFER_ROWS[trace.id] ?? SES_ROWS[trace.id];
    if (
      row === undefined ||
      row.class === 'refused' ||
      (row.class === 'not a download' && trace.id !== 'pm05')
    )
      continue;
    const files = new Map([['fw.bin', imageOf(trace)]]);
    const sent =
      trace.tool === 'sg_write_buffer'
        ? sgWriteBuffer(trace.args, files)
        : sgSesMicrocode(trace.args, files, generationOf(trace));
    // A refusal ended the recorded run; the model has none.
    assert.equal(sent.slice(0, trace.commands.length), trace.commands.map(wire), trace.id);
    assert.ok(trace.exit !== 0 || sent.length === trace.commands.length, trace.id);
    count++;
  }
  assert.is(count, 39);
});

for (const trace of tracesOf('sg_write_buffer')) {
  const row = WRITE_BUFFER_ROWS[trace.id];
  if (row === undefined || SKIPPED.includes(row.class)) continue;
  test(`${trace.id}: the lines of the playbook send what was recorded`, async () => {
    const image = imageOf(trace);
    const resolved = await resolvedOf(writeBufferPlaybook(row, sha256(image)), image);
    const recorded = trace.commands.map(wire);
    const wanted =
      row.class === 'activation alone'
        ? recorded.map((sent) => ({ ...sent, timeout_ms: 7_200_000 }))
        : recorded;
    assert.equal(sentBy(stepsOf(resolved!), image).slice(0, wanted.length), wanted);
  });
}

for (const trace of tracesOf('sg_ses_microcode')) {
  const row = SES_ROWS[trace.id];
  if (row === undefined || SKIPPED.includes(row.class)) continue;
  test(`${trace.id}: the lines of the playbook send what was recorded`, async () => {
    const image = imageOf(trace);
    const resolved = await resolvedOf(sesPlaybook(row, sha256(image)), image);
    const recorded = trace.commands.map(wire);
    assert.equal(sentBy(stepsOf(resolved!), image, generationOf(trace)).slice(0, recorded.length), recorded);
  });
}

const IMAGE = standardImage(9999);
const HEAD = (via: string): string => `runbook: v1
name: explain
plays:
  - name: play
    match: {type: enclosure, vendor: HP, product: HP SAS EXP Card, revision: ["2.08"]}
    firmware: {file: fw.bin, sha256: ${sha256(IMAGE)}, revision: "2.10"}
    verify: {within: 5s}
    download: {via: ${via}, `;

const maybe = (word: fc.Arbitrary<string>): fc.Arbitrary<string> => fc.oneof(fc.constant(''), word);
const numberWord = (key: string, min: number, max: number, step = 1): fc.Arbitrary<string> =>
  maybe(fc.integer({ min, max }).map((n) => `, ${key}: ${n * step}`));
const lengthWord = maybe(
  fc.oneof(
    fc.integer({ min: 1, max: 5000 }).map((n) => `, length: ${n}`),
    fc.integer({ min: 10_000, max: 12_000 }).map((n) => `, length: ${n}, fill: 0xff`),
  ),
);
/** Words of a section, with the one that says that nothing saves its image, where nothing does. */
const accepted = (words: string): string => {
  const end =
    /end-with: \{mode: (\w+)/.exec(words) ?? /last-mode: (\w+)/.exec(words) ?? /^mode: (\w+)/.exec(words);
  return /^dmc(_offs)?$/.test(end![1]!) ? `${words}, not-saved: accepted` : words;
};
const OFFSET_MODES = ['dmc_offs', 'dmc_offs_save', 'dmc_offs_defer', 'dmc_offs_ev_defer'];

const writeBufferWords = fc
  .tuple(
    fc.oneof(
      fc.tuple(
        fc.constantFrom(...OFFSET_MODES),
        fc.constantFrom(', bpw: 512', ', bpw: 1000', ', bpw: 4k', ', bpw: 64k', ', bpw: whole'),
      ),
      fc.tuple(fc.constantFrom('dmc', 'dmc_save'), fc.constant('')),
    ),
    maybe(fc.constantFrom(...OFFSET_MODES).map((mode) => `, last-mode: ${mode}`)),
    maybe(fc.constantFrom('dmc_save', 'dmc_offs_save').map((mode) => `, end-with: {mode: ${mode}}`)),
    numberWord('buffer-id', 0, 200),
    numberWord('buffer-id-step', 1, 3),
    numberWord('offset', 0, 20_000),
    numberWord('skip', 0, 9000),
    lengthWord,
    fc.constantFrom(', timeout: 300s', ', timeout: 60s', ', timeout: 2h'),
    fc.integer({ min: 0, max: 7 }),
  )
  .map(([[mode, bpw], ...words]) => {
    const events = words.pop();
    const said = `mode: ${mode}${bpw}${words.join('')}`;
    return accepted(said.includes('ev_defer') ? `${said}, mode-specific: ${events}` : said);
  });

test('whatever a write-buffer section says, its lines send what runbook sends', async () => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(writeBufferWords, async (words) => {
      const text = `${HEAD('write-buffer')}${words}}\n`;
      const resolved = await resolvedOf(text, IMAGE);
      if (resolved === null) return; // these words do not go together
      const { sent } = await play(text, {
        image: IMAGE,
        device: { persona: 'hp-sas-expander', revision: '2.08' },
        isCompared: ({ cdb }) => cdb[0] === OperationCode.writeBuffer,
        answer: () => outcomeOf(),
      });
      if (sent.length === 0) return; // the card denies the buffer
      assert.equal(sentBy(stepsOf(resolved), IMAGE), sent, words);
      compared++;
    }),
    { numRuns: 250 },
  );
  assert.ok(compared > 40, `${compared} sections were compared`);
});

const sesWords = fc
  .tuple(
    fc.constantFrom('dmc_offs', 'dmc_offs_save', 'dmc_offs_defer'),
    fc.constantFrom(', bpw: 512', ', bpw: 1000', ', bpw: 4k', ', bpw: 32k', ', bpw: whole'),
    maybe(fc.constantFrom('dmc_offs_save', 'dmc_offs_defer').map((mode) => `, last-mode: ${mode}`)),
    numberWord('buffer-id', 0, 200),
    numberWord('buffer-id-step', 1, 2),
    numberWord('offset', 0, 5000, 4),
    numberWord('skip', 0, 9000),
    lengthWord,
    numberWord('subenclosure', 0, 255),
    numberWord('total-length', 1, 20_000),
    maybe(fc.constantFrom(', status-reads: none', ', status-reads: between')),
  )
  .map(([mode, ...words]) => accepted(`mode: ${mode}${words.join('')}`));

/** The control pages of a section, as the download cuts them. */
function pagesOf(section: ResolvedSesSection): Sent[] {
  const limitMs = 7_200_000;
  const { mode, bpw, subenclosureId, totalLengthBytes, statusReads, finalStatus } = section;
  const bytesPerWrite = bpw === 'whole' ? bpw : Number(bpw);
  const download = {
    ...imageDownload(section, SES_MICROCODE_MODES, { mode, bytesPerWrite }, () => ({
      firstMs: limitMs,
      chunkMs: limitMs,
      lastMs: limitMs,
    })),
    ...{ subenclosureId, imageLengthBytes: totalLengthBytes, statusReads, finalStatus },
  };
  return Array.from({ length: commandCount(download) }, (_, index) =>
    sentOf(pageCommand(download, pageAt(download, index), 7)),
  );
}

test('whatever a ses section says, its lines send the same pages', async () => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(sesWords, async (words) => {
      const resolved = await resolvedOf(`${HEAD('ses')}${words}}\n`, IMAGE);
      const section = resolved?.plays[0]?.download[0];
      if (resolved === null || section?.via !== 'ses') return;
      const sent = sentBy(stepsOf(resolved), IMAGE, 7).filter(({ dir }) => dir !== 'in');
      assert.equal(sent, pagesOf(section), words);
      compared++;
    }),
    { numRuns: 150 },
  );
  assert.ok(compared > 40, `${compared} sections were compared`);
});

test.run();
