import * as assert from 'uvu/assert';
import { refusal } from '../../../src/base/refusal.ts';
import { mdCode, mdTable, mdText } from '../../../src/report/markdown.ts';
import { runMarkdown } from '../../../src/report/run-markdown.ts';
import { suite } from '../../support/suite.ts';
import { resultOf } from './run-events.ts';
import { recordOf, rehearsalDocument, reportDocument, TROUBLED } from './run-records.ts';
import { obeys } from './schemas.ts';

const test = suite('Markdown for a ticket');

test('a run tells what was done, where, by which playbook, what came of it and what is left', () => {
  assert.equal(runMarkdown(recordOf(reportDocument(TROUBLED, 'HALTED'))).split('\n'), [
    '# HP cards to 2.10',
    '',
    '**1 updated, 1 pending, 1 refused, 1 failed, 1 skipped**',
    '',
    '|  |  |',
    '| --- | --- |',
    '| Command | `runbook apply` |',
    '| Host | host1 |',
    '| Started | 2024-01-01 10:20:30 UTC |',
    '| Run | `20240101-000000-abcd` |',
    `| Playbook | \`upgrade.yml\`, SHA-256 \`${'f'.repeat(64)}\` |`,
    '| Ended with | exit 7 (HALTED): the failure policy stopped the run |',
    '| runbook | 0.2.0 (commit 3f2a91c04b17, 2026-11-29; Node.js 26.12.1 (inside), koffi 3.3.4, x64) |',
    '',
    '## Devices',
    '',
    '| Device | Id | Product | Play | Before | After | Outcome | Sent |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    '| sg1 | `naa.5001438000000001` | HP SAS EXP Card | hp-sas-expander | 2.08 | 2.10 | **updated** | 1 MiB in 256 commands, 12.3 s |',
    '| sg2 | `naa.5001438000000002` | HP SAS EXP Card | hp-sas-expander | 2.08 | 2.08 | **failed** | 4 KiB in 1 command, 12.3 s |',
    '| sg3 | `naa.5001438000000003` | HP SAS EXP Card | hp-sas-expander | 2.08 | 2.08 | **pending** | 1 MiB in 256 commands, 12.3 s |',
    '| sg4 | `naa.5001438000000004` | HP SAS EXP Card | hp-sas-expander | 2.08 | 2.08 | **refused** |  |',
    '| sg5 | `naa.5001438000000005` | HP SAS EXP Card | hp-sas-expander | – | – | **skipped** |  |',
    '',
    '## sg3 (`naa.5001438000000003`): pending',
    '',
    '- written and accepted; runs 2.08 until: power-cycle',
    '- code: event-pending',
    '',
    '## sg5 (`naa.5001438000000005`): skipped',
    '',
    '- stopped by SIGINT before the first byte',
    '- code: stopped',
    '',
    '## sg4 (`naa.5001438000000004`): refused',
    '',
    '- runs "2.01", which match.revision ("2.08") does not list',
    '- code: revision-not-listed',
    '',
    '## sg2 (`naa.5001438000000002`): failed',
    '',
    '- runs 2.08',
    '- the device refused the chunk',
    '- code: illegal-request',
    '- layer: device',
    '- CDB: 3b 0e 00 00 10 00 00 10 00',
    '- offset: 4096 (001000h)',
    '- sense: ILLEGAL REQUEST: Invalid field in parameter list',
    '',
    '## Left to do',
    '',
    '- [ ] sg3: Power-cycle it, then: runbook verify',
    '- [ ] sg5: Run apply again: it goes on with the units that are left.',
    '- [ ] sg4: If the vendor allows an upgrade from this revision, add it to \\`match.revision\\`.',
    '- [ ] sg2: compare the image with the model of the card',
    '',
  ]);
});

test('a run on simulated devices cannot be taken for a real one', () => {
  const text = runMarkdown(recordOf(reportDocument([resultOf(1)]), 'three.lab.yml'));
  assert.match(text, '| **Simulated** | no real device was used: `--lab three.lab.yml` |\n');
});

test('after a good run nothing is left to do', () => {
  const text = runMarkdown(recordOf(reportDocument([resultOf(1)])));
  assert.ok(text.endsWith('\n## Left to do\n\nNothing.\n'));
});

test('why nothing was begun, and what to do about it, is there without any device', () => {
  const error = {
    ...refusal('unit-refused', { units: '' }),
    message: 'nothing was written: no device matches',
    next: 'See runbook plan -v',
  };
  const text = runMarkdown(recordOf(reportDocument([], 'NOMATCH', { error })));
  assert.match(text, '**exit 10 (NOMATCH): nothing matched**');
  assert.match(text, '## The command\n\n- nothing was written: no device matches\n');
  assert.match(text, '- [ ] See runbook plan -v\n');
});

test('what runs that died have left on the units is told', () => {
  const note = { run: 'r', known: 'partly-sent' as const, message: 'a download was cut off', next: null };
  const document = reportDocument([resultOf(1)]);
  const notes = [
    { ...note, device: 'naa.1' },
    { ...note, device: null, known: 'unclear', message: 'a journal is damaged', next: 'look at it' },
  ];
  assert.match(
    runMarkdown(recordOf({ ...document, notes })),
    '\n## What earlier runs left behind\n\n- `naa.1`: a download was cut off\n- a journal is damaged; next: look at it\n',
  );
});

test('rehearsals are a table, with what is wrong', () => {
  const document = rehearsalDocument();
  obeys('report', document);
  const text = runMarkdown(recordOf(document));
  assert.match(text, '# HP cards to 2.10\n\n**exit 1 (FAILED): a device failed after work on it began**\n');
  assert.match(
    text,
    '| never-shows | never shows the new revision | updated | 0 (OK) | sg1: updated is not true; and more |\n',
  );
  assert.match(text, '## Left to do\n\n- [ ] Correct the playbook.\n');
});

test('nothing that a device or a playbook says becomes a mention or a link of its own', () => {
  for (const text of ['@admin', 'see https://evil', 'WWW.evil.org', 'a@b.org', 'GH-12'])
    assert.is(mdText(text), `\`${text}\``);
});

test('what a device or a playbook says is text and nothing else', () => {
  const evil = 'a|b `c` <script> [x](y) *z*\n# h\u001b[31m';
  assert.is(mdText(evil), 'a\\|b \\`c\\` \\<script\\> \\[x\\](y) \\*z\\* \\# h \\[31m');
  const text = runMarkdown(recordOf(reportDocument([resultOf(1, { reason: evil, product: evil })])));
  assert.not.match(text, /[^\\]<script|\u001b|^# h/m);
  for (const row of text.split('\n').filter((line) => line.startsWith('| sg1'))) {
    assert.is(row.match(/(?<!\\)\|/g)!.length, 9, row);
  }
});

test('a code span holds backticks and bars', () => {
  assert.is(mdCode('a.yml'), '`a.yml`');
  assert.is(mdCode('a`b``c|d'), '``` a`b``c\\|d ```');
  assert.is(mdCode(''), '`  `');
  assert.equal(mdTable(['a'], [['b']]), ['| a |', '| --- |', '| b |']);
});

test.run();
