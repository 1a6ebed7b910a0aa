import { createHash } from 'node:crypto';
import * as assert from 'uvu/assert';
import { loadPlaybook } from '../../../src/playbook/playbook.ts';
import { resolvePlaybook } from '../../../src/playbook/resolve.ts';
import { standardImage } from '../../../src/simulator/lab-images.ts';
import { suite } from '../../support/suite.ts';

const test = suite('playbook: what proves each of several sections');

const IMAGE = standardImage(8192);
const HALF = standardImage(4096, 3);
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** `code at /path` of each mistake. */
async function mistakes(sections: readonly string[], verify = '{within: 5s}'): Promise<string[]> {
  const text = `runbook: v1
name: shelves
plays:
  - name: shelf
    match: {type: enclosure, vendor: LAB, product: SES SHELF, revision: ["0100"]}
    firmware: {file: fw.bin, sha256: ${sha256(IMAGE)}, revision: "0107"}
    download:
${sections.map((words) => `      - {${words}}`).join('\n')}
    verify: ${verify}
`;
  const loaded = loadPlaybook('shelves.yml', text);
  const labImages = new Map([
    ['fw.bin', IMAGE],
    ['own.bin', HALF],
  ]);
  const diagnostics =
    loaded.playbook === null
      ? loaded.diagnostics
      : (await resolvePlaybook(loaded.playbook, { directory: '/nonexistent', labImages })).diagnostics;
  return diagnostics.map(({ code, path }) => `${code} at ${path}`);
}

const OWN = `file: own.bin, sha256: ${sha256(HALF)}`;
const SES = 'via: ses, mode: dmc_offs_save, bpw: 4096';
const BUFFER = 'via: write-buffer, mode: dmc_offs_save, bpw: 4096';
const FIRST = '/plays/0/download/0';

for (const [title, sections, wanted, verify] of [
  ['one section is proven by verify', [SES], []],
  ['a buffer shows nothing', [`${BUFFER}, ${OWN}, buffer-id: 1`, BUFFER], [`unproven at ${FIRST}`]],
  ['that is accepted', [`${BUFFER}, ${OWN}, buffer-id: 1, unproven: accepted`, BUFFER], []],
  [
    'a witness of its own',
    [`${BUFFER}, ${OWN}, buffer-id: 1, witness: {vpd: 0xC0, offset: 4, equals: "A1"}`, BUFFER],
    [],
  ],
  ['a subenclosure without a revision', [`${SES}, ${OWN}, subenclosure: 2`, SES], [`unproven at ${FIRST}`]],
  ['a subenclosure with its revision', [`${SES}, ${OWN}, subenclosure: 2, revision: "0031"`, SES], []],
  [
    'verify.witness looks at the subenclosure of the section',
    [`${SES}, ${OWN}, subenclosure: 2`, SES],
    [],
    '{witness: {ses-revision: 2, equals: "0031"}}',
  ],
  ['two parts of one image are one section', [`${SES}, length: 4k`, `${SES}, skip: 4k, offset: 4k`], []],
  [
    'accepted where there is a proof',
    [`${SES}, ${OWN}, subenclosure: 2, revision: "0031", unproven: accepted`, SES],
    [`no-effect at ${FIRST}/unproven`],
  ],
  ['the last one is proven by verify', [`${SES}, unproven: accepted`], [`no-effect at ${FIRST}`]],
  [
    'a revision and a witness',
    [`${SES}, ${OWN}, subenclosure: 2, revision: "0031", witness: {ses-revision: 2, equals: "0031"}`, SES],
    [`no-effect at ${FIRST}/revision`],
  ],
  [
    'a witness that looks nowhere',
    [`${SES}, ${OWN}, subenclosure: 2, witness: {equals: "0031"}`, SES],
    [`witness at ${FIRST}/witness`],
  ],
] as const) {
  test(title, async () => assert.equal(await mistakes(sections, verify), wanted));
}

test.run();
