import { Ajv, type ValidateFunction } from 'ajv';
import * as assert from 'uvu/assert';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DOCUMENT_FORMATS, type DocumentFormat } from '../../src/report/documents.ts';
import { runbook } from '../support/child.ts';
import { inProject } from '../support/paths.ts';
import { suite } from '../support/suite.ts';
import { fixture, runJson } from './document.ts';

const LAB = ['--lab', fixture('three.lab.yml')];
const CARDS = fixture('cards.yml');
const WRONG = fixture('wrong.yml');
const NONE = fixture('no-such.yml');
const directory = mkdtempSync(path.join(tmpdir(), 'runbook-documents-'));
const at = (name: string): string => path.join(directory, name);

/** The schema that `runbook schema FORMAT` prints, ready to check a document. */
async function printedSchema(format: DocumentFormat): Promise<ValidateFunction> {
  const { stdout, exitCode } = await runbook(['schema', format]);
  assert.is(exitCode, 0);
  const ajv = new Ajv({ strict: true, allowUnionTypes: true, allErrors: true });
  return ajv.compile(JSON.parse(stdout) as object);
}

const schemas = new Map<string, ValidateFunction>();
const seen = new Set<string>();

writeFileSync(at('image.bin'), Buffer.alloc(4096, 1));
writeFileSync(at('plan.json'), '{"format":"runbook.plan-file/1"}');
writeFileSync(at('other.yml'), readFileSync(CARDS, 'utf8').replace('product: HP SAS', 'product: No SAS'));
const INIT = ['init', '--device', 'sg1', '--firmware', at('image.bin'), '--revision', '2.10'];

/** Command line, what it is answered with, exit code. */
const ANSWERS: readonly (readonly [readonly string[], DocumentFormat, number])[] = [
  [['validate', CARDS, ...LAB], 'runbook.diagnostics/1', 0],
  [['validate', WRONG, NONE], 'runbook.diagnostics/1', 3],
  [['validate', CARDS, '--lab', WRONG], 'runbook.diagnostics/1', 3],
  [['validate'], 'runbook.error/1', 2],
  [['lint', CARDS, ...LAB], 'runbook.diagnostics/1', 0],
  [['lint', CARDS, ...LAB, '--strict'], 'runbook.diagnostics/1', 3],
  [['pin', CARDS, '--check', ...LAB], 'runbook.pin/1', 0],
  [['pin', NONE], 'runbook.pin/1', 3],
  [[...INIT, ...LAB], 'runbook.init/1', 0],
  [['init', '--device', 'sg1'], 'runbook.error/1', 2],
  [['plan', CARDS, ...LAB], 'runbook.plan/1', 0],
  [['plan', CARDS, ...LAB, '--exit-code'], 'runbook.plan/1', 5],
  [['plan', at('other.yml'), ...LAB], 'runbook.plan/1', 10],
  [['plan', CARDS, ...LAB, '--explain'], 'runbook.plan/1', 0],
  [['plan', CARDS, ...LAB, '--inventory', at('host.json')], 'runbook.plans/1', 0],
  [['plan', CARDS, ...LAB, '--inventory', at('plan.json')], 'runbook.diagnostics/1', 3],
  [['plan', WRONG, ...LAB], 'runbook.diagnostics/1', 3],
  [['plan', NONE, ...LAB], 'runbook.diagnostics/1', 3],
  [['plan', CARDS, '--lab', NONE], 'runbook.diagnostics/1', 3],
  [['apply', CARDS, ...LAB, '--yes'], 'runbook.report/1', 0],
  [['apply', CARDS, ...LAB, '--yes', '--only', 'sg99'], 'runbook.report/1', 10],
  [['apply', at('other.yml'), ...LAB, '--yes'], 'runbook.report/1', 10],
  [['apply', WRONG, ...LAB, '--yes'], 'runbook.diagnostics/1', 3],
  [['apply', at('plan.json'), ...LAB, '--yes'], 'runbook.diagnostics/1', 3],
  [['apply', inProject('playbooks/upgrade-expanders.yml'), '--lab', 'auto'], 'runbook.rehearsal/1', 0],
  [['apply', CARDS, '--lab', 'auto'], 'runbook.rehearsal/1', 1],
  [['apply', CARDS, ...LAB], 'runbook.error/1', 2],
  [['apply', CARDS, ...LAB, '--yes', '--report', 'json'], 'runbook.error/1', 2],
  [['devices', ...LAB], 'runbook.devices/1', 0],
  [['devices', '--probe', ...LAB], 'runbook.devices/1', 0],
  [['devices', '--lab', NONE], 'runbook.diagnostics/1', 3],
  [['status', ...LAB], 'runbook.status/1', 0],
  [['status', 'sg99', ...LAB], 'runbook.error/1', 2],
  [['verify', ...LAB], 'runbook.report/1', 0],
  [['verify', 'no-such-run', ...LAB], 'runbook.error/1', 2],
  [['report', at('reports/h1.json'), at('reports/h2.json')], 'runbook.reports/1', 0],
  [['report', NONE], 'runbook.diagnostics/1', 3],
  [['history', ...LAB], 'runbook.history/1', 0],
  [['history', 'no-such-run', ...LAB], 'runbook.error/1', 2],
  [['apply', CARDS, ...LAB, '--yes', '--job', 'cards', '--detach'], 'runbook.job/1', 0],
  [['job', 'wait', 'cards', ...LAB], 'runbook.job/1', 0],
  [['job', 'result', 'cards', ...LAB], 'runbook.report/1', 0],
  [['job', 'list', ...LAB], 'runbook.jobs/1', 0],
  [['job', 'forget', 'cards', ...LAB], 'runbook.jobs/1', 0],
  [['job', 'wait', 'cards', ...LAB], 'runbook.error/1', 4],
  [['image', at('image.bin')], 'runbook.image/1', 0],
  [['image', NONE], 'runbook.error/1', 3],
  [['completion', 'bash'], 'runbook.completion/1', 0],
  [['doctor', ...LAB], 'runbook.doctor/1', 0],
  [['lab', 'status', ...LAB], 'runbook.error/1', 2],
  [['--help'], 'runbook.help/1', 0],
  [['frobnicate'], 'runbook.error/1', 2],
];

const test = suite('JSON documents');
test.after(() => rmSync(directory, { recursive: true }));

test.before(async () => {
  mkdirSync(at('reports'));
  writeFileSync(at('reports/h1.json'), (await runJson(['apply', CARDS, ...LAB, '--yes'])).stdout);
  writeFileSync(at('reports/h2.json'), (await runJson(['plan', CARDS, ...LAB])).stdout);
  writeFileSync(at('host.json'), (await runJson(['devices', '--probe', ...LAB])).stdout);
});

/** Documents about devices say whether they are real. */
const SIMULATED: readonly DocumentFormat[] = [
  'runbook.report/1',
  'runbook.plan/1',
  'runbook.devices/1',
  'runbook.status/1',
  'runbook.doctor/1',
];

for (const [args, format, code] of ANSWERS) {
  const line = args.map((word) => path.basename(word)).join(' ');
  test(`runbook ${line}: one ${format} and exit ${code}`, async () => {
    const { document, stdout } = await runJson(args);
    assert.is(document.format, format, stdout);
    assert.is(document.exit.code, code, stdout);
    const validate = schemas.get(format) ?? (await printedSchema(format));
    schemas.set(format, validate);
    assert.ok(validate(document), JSON.stringify(validate.errors));
    seen.add(format);
    if (SIMULATED.includes(format)) assert.is(document.simulated, args.includes('--lab'), stdout);
  });
}

test('every format but that of labs on this kernel was met above', () => {
  assert.equal(
    DOCUMENT_FORMATS.filter((format) => !seen.has(format)),
    ['runbook.lab/1'],
  );
});

/** Lines of a journal, which have a schema of their own. */
const ELSEWHERE = ['report/definitions/run/properties/entries/anyOf/0/items'];

test('every mapping of the schemas of output is closed: what is new does not pass unseen', () => {
  const open: string[] = [];
  const look = (schema: unknown, place: string): void => {
    if (typeof schema !== 'object' || schema === null) return;
    const { type, additionalProperties, oneOf } = schema as Record<string, unknown>;
    if (type === 'object' && additionalProperties === undefined && oneOf === undefined) open.push(place);
    for (const [key, value] of Object.entries(schema)) look(value, `${place}/${key}`);
  };
  for (const name of ['report', 'events', 'trace', 'journal']) {
    look(JSON.parse(readFileSync(inProject(`schemas/${name}.schema.json`), 'utf8')), name);
  }
  assert.equal(open, ELSEWHERE);
});

test.run();
