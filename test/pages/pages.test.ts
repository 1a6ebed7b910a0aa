import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as assert from 'uvu/assert';
import type { Document } from '../../src/report/documents.ts';
import { htmlOf } from '../../src/report/html/page.ts';
import { missing, suite } from '../support/suite.ts';
import { fleetDocument, jbod, recorded } from '../unit/report/page-documents.ts';
import { resultOf } from '../unit/report/run-events.ts';
import { FAILURE, reportDocument, TROUBLED } from '../unit/report/run-records.ts';
import { CHROMIUM, openBrowser, print, shoot, violationsOf } from './browser.ts';

const test = suite('pages in a browser');
const isHere = existsSync(CHROMIUM);
if (!isHere) missing('pages', `no ${CHROMIUM} on this machine`);
const inBrowser = (title: string, body: () => Promise<void>): void => {
  if (isHere) test(title, body);
  else test.skip(title, body);
};

const EVIL = '<script>document.title = "owned"</script>\u202e';
const failed = (n: number) =>
  resultOf(n, { outcome: 'failed', after: '2.08', reason: 'refused', error: FAILURE });

/** One page of each kind. */
const DOCUMENTS: Readonly<Record<string, Document>> = {
  troubled: { ...reportDocument(TROUBLED, 'HALTED'), timeline: recorded(), topology: jbod() },
  good: { ...reportDocument([resultOf(1), resultOf(2)]), timeline: recorded(), topology: jbod() },
  many: reportDocument([...Array.from({ length: 199 }, (_, i) => resultOf(i + 2)), failed(1)], 'FAILED'),
  evil: {
    ...reportDocument(
      [resultOf(1, { product: EVIL, outcome: 'failed', reason: EVIL, error: FAILURE })],
      'FAILED',
    ),
    topology: { ...jbod(), units: jbod().units.map((unit) => ({ ...unit, product: EVIL })) },
  },
  refused: reportDocument([], 'NOMATCH', { error: { ...FAILURE, message: 'no device matches' } }),
  fleet: fleetDocument(300),
  two: fleetDocument(2),
};

let browser: Awaited<ReturnType<typeof openBrowser>>;
const folder = mkdtempSync(path.join(tmpdir(), 'runbook-pages-'));
const fileOf = (name: string): string => path.join(folder, `${name}.html`);

test.before(async () => {
  if (!isHere) return;
  browser = await openBrowser();
  for (const [name, document] of Object.entries(DOCUMENTS)) writeFileSync(fileOf(name), htmlOf(document));
});

test.after(async () => {
  if (isHere) await browser.close();
});

for (const name of Object.keys(DOCUMENTS)) {
  inBrowser(
    `${name}: no request, no word on the console, nothing against it by WCAG AA, light and dark, wide and narrow`,
    async () => {
      for (const [width, dark] of [
        [1280, false],
        [1280, true],
        [390, false],
      ] as const) {
        const { page, trouble } = await browser.open(fileOf(name), { width, dark });
        await shoot(page, `${name}-${width}${dark ? '-dark' : ''}`);
        assert.is(
          await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth'),
          true,
          `${name} is wider than ${width}`,
        );
        // Folded parts are looked at, too.
        await page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))");
        assert.equal(await violationsOf(page), [], `${name} at ${width}`);
        assert.equal(trouble, []);
        await page.close();
      }
    },
  );

  inBrowser(`${name}: with scripts off it reads the same, and it prints`, async () => {
    const texts: string[] = [];
    for (const scripts of [true, false]) {
      const { page, trouble } = await browser.open(fileOf(name), { scripts });
      texts.push(await page.innerText('body'));
      assert.equal(trouble, []);
      if (scripts) await print(page, name);
      await page.close();
    }
    assert.is(texts[0], texts[1]);
  });
}

inBrowser('what a device says is text: it makes no element, and runs nothing', async () => {
  const { page } = await browser.open(fileOf('evil'));
  assert.is(await page.locator('script').count(), 0);
  assert.not.match(await page.title(), 'owned');
  assert.match(await page.innerText('.verdict'), '1 device failed.');
});

inBrowser('the page says of each device what the JSON report says, once', async () => {
  const { page } = await browser.open(fileOf('troubled'));
  const rows = await page.locator('table').first().locator('tbody tr').allInnerTexts();
  const troubles = await page.locator('.trouble p').allInnerTexts();
  const { devices } = DOCUMENTS['troubled'] as Document & { devices: typeof TROUBLED };
  assert.is(rows.length, devices.length);
  for (const { id, outcome, before, reason } of devices) {
    const row = rows.find((text) => text.includes(id))!;
    assert.ok(row.includes(outcome) && row.includes(before ?? '?'), row);
    const said = troubles.filter((text) => text === reason);
    if (reason !== null) assert.is(said.length, 1, `${reason} is said once`);
  }
  assert.match(await page.innerText('.verdict'), 'exit 7 (HALTED)');
});

inBrowser(
  'the topology of two adapters and 24 drives: every drive once, what goes dark is marked',
  async () => {
    const { page } = await browser.open(fileOf('good'));
    assert.is(await page.locator('.topology svg .cell').count(), 24);
    assert.is(await page.locator('.topology svg .slash').count(), 24);
    assert.is(await page.locator('.topology svg .wire.dark').count(), 2);
    assert.is(await page.locator('.topology svg .box.at-good').count(), 2);
    assert.match(await page.innerText('.topology'), `While sg1 restarts: 24 paths to 24 drives go dark`);
  },
);

inBrowser('300 hosts: one table, those with trouble first, the rest folded', async () => {
  const { page } = await browser.open(fileOf('fleet'));
  const hosts = await page.locator('table').first().locator('tbody tr td:first-child').allInnerTexts();
  assert.is(hosts.length, 300);
  assert.is(hosts[0], 'store0');
  assert.is(await page.locator('details[open]').count(), 0);
});

test.run();
