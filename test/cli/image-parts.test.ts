import * as assert from 'uvu/assert';
import { createHash } from 'node:crypto';
import { standardImage } from '../../src/simulator/lab-images.ts';
import { suite } from '../support/suite.ts';
import { KeptLab } from './kept-lab.ts';

const test = suite('one image in several files');

const WHOLE = standardImage(65_536);
const PARTS = [WHOLE.subarray(0, 20_000), WHOLE.subarray(20_000, 50_000), WHOLE.subarray(50_000)] as const;
const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

interface Words {
  readonly type?: string;
  readonly section: string;
  readonly activate: string;
}

function hostWith(persona: string): KeptLab {
  const host = new KeptLab(`lab: v1
images:
  - { name: whole.bin, file: whole.bin, revision: '0107' }
devices:
  - { persona: ${persona}, node: sg1, revision: '0100', serial: T1 }
`);
  host.file('whole.bin', WHOLE);
  for (const [index, bytes] of PARTS.entries()) host.file(`${index}.bin`, bytes);
  return host;
}

function playbook({ type = 'enclosure', section, activate }: Words, count: number = PARTS.length): string {
  let offset = 0;
  const sections = PARTS.slice(0, count).map((bytes, index) => {
    const own = `{ ${section}, offset: ${offset}, file: ${index}.bin, sha256: '${hashOf(bytes)}' }`;
    offset += bytes.length;
    return `      - ${own}\n`;
  });
  return `runbook: v1
name: one image in three files
plays:
  - name: unit
    match: { type: ${type}, vendor: LAB, product: '*', revision: ['0100'] }
    firmware: { file: 0.bin, sha256: '${hashOf(PARTS[0])}', revision: '0107' }
    download:
${sections.join('')}    activate: ${activate}
`;
}

const SHELF = {
  section: 'via: ses, mode: dmc_offs_save, bpw: 4096, total-length: 64KiB',
  activate: '[wait-ready: 2m]',
};

const KINDS: Readonly<Record<string, readonly [persona: string, words: Words]>> = {
  'a shelf, with total-length': ['ses-shelf-immediate', SHELF],
  'a shelf that defers': [
    'ses-shelf-deferred',
    {
      section: 'via: ses, mode: dmc_offs_defer, bpw: 4096, total-length: 64KiB',
      activate: '[activate_mc, wait-ready: 2m]',
    },
  ],
  'a disk, by WRITE BUFFER': [
    'disk-mode-7',
    {
      type: 'disk',
      section: 'via: write-buffer, mode: dmc_offs_save, bpw: 4096',
      activate: '[wait-ready: 2m]',
    },
  ],
};

for (const [title, [persona, words]] of Object.entries(KINDS)) {
  test(`${title}: the unit gets one download`, async () => {
    const host = hostWith(persona);
    const file = host.file('parts.yml', playbook(words));
    assert.match(
      (await host.run('plan', file)).stdout,
      /of 0\.bin \+ 1\.bin \+ 2\.bin: 64 KiB \(65536 bytes\)/,
    );
    const { exit, outcomes, document } = await host.told('apply', file, '--yes');
    assert.equal([exit, outcomes], ['OK', ['updated']]);
    assert.equal(
      document.devices!.map(({ bytes, chunks }) => [bytes, chunks]),
      [[65_536, 16]],
    );
    host.remove();
  });
}

test('a part that is missing is told of before anything is sent', async () => {
  const host = hostWith('ses-shelf-immediate');
  const file = host.file('parts.yml', playbook(SHELF, 2));
  const { diagnostics } = (await host.told('plan', file)).document;
  assert.equal(
    diagnostics.map(({ code, severity, message }) => [code, severity, message.includes('ends at 50000')]),
    [['image-parts', 'warning', true]],
  );
  host.remove();
});

test('--explain shows how the whole is made for the tools', async () => {
  const host = hostWith('ses-shelf-immediate');
  const file = host.file('parts.yml', playbook(SHELF));
  const { stdout } = await host.run('plan', file, '--explain');
  assert.match(
    stdout,
    /\{ tail -c \+1 \S*0\.bin; tail -c \+1 \S*1\.bin; tail -c \+1 \S*2\.bin; \} > \S*0\.bin\.whole/,
  );
  assert.match(stdout, /sg_ses_microcode --mode=dmc_offs_save --bpw=4096 .*--in=\S*0\.bin\.whole/);
  host.remove();
});

test.run();
