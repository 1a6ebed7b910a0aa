import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { inProject } from '../support/paths.ts';

/** What is used of playwright-core: it is only there where `npm ci` was run after it came. */
export interface Page {
  on(event: 'console' | 'pageerror' | 'request', listener: (about: PageEvent) => void): void;
  goto(url: string): Promise<unknown>;
  evaluate(script: string): Promise<unknown>;
  innerText(selector: string): Promise<string>;
  title(): Promise<string>;
  locator(selector: string): Locator;
  screenshot(options: { readonly path: string; readonly fullPage: boolean }): Promise<unknown>;
  pdf(options: { readonly path: string; readonly format: string }): Promise<unknown>;
  close(): Promise<void>;
}

interface Locator {
  locator(selector: string): Locator;
  first(): Locator;
  count(): Promise<number>;
  allInnerTexts(): Promise<string[]>;
}

interface PageEvent {
  text(): string;
  url(): string;
  readonly message: string;
}

interface Context {
  newPage(): Promise<Page>;
  close(): Promise<void>;
}

interface Playwright {
  readonly chromium: {
    launch(options: object): Promise<{
      newContext(options: object): Promise<Context>;
      close(): Promise<void>;
    }>;
  };
}

const require = createRequire(import.meta.url);

/** Debian's; nothing is downloaded. */
export const CHROMIUM = '/usr/bin/chromium';

const QUIET = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'];

/** Screenshots stay there for whoever looks at the run. */
const SHOTS = inProject('.cache/pages');

/** What a page did that it should not. */
export interface Opened {
  readonly page: Page;
  /** Requests beside the file itself, and what the console said. */
  readonly trouble: readonly string[];
}

/** One browser with an empty profile, without a network. Call `close` at the end. */
export async function openBrowser(): Promise<{
  readonly open: (file: string, how?: How) => Promise<Opened>;
  readonly close: () => Promise<void>;
}> {
  const profile = mkdtempSync(path.join(tmpdir(), 'runbook-pages-'));
  mkdirSync(SHOTS, { recursive: true });
  const { chromium } = require('playwright-core') as Playwright;
  const browser = await chromium.launch({ executablePath: CHROMIUM, chromiumSandbox: false, args: QUIET });
  const contexts: Context[] = [];
  return {
    open: async (file, { width = 1280, scripts = true, dark = false } = {}) => {
      const context = await browser.newContext({
        viewport: { width, height: 900 },
        javaScriptEnabled: scripts,
        colorScheme: dark ? 'dark' : 'light',
        offline: true,
        // The page forbids every script; axe is put into it from outside.
        bypassCSP: scripts,
      });
      contexts.push(context);
      const page = await context.newPage();
      const trouble: string[] = [];
      page.on('console', (message) => trouble.push(`console: ${message.text()}`));
      page.on('pageerror', (error) => trouble.push(`error: ${error.message}`));
      page.on('request', (request) => {
        if (request.url() !== pathToFileURL(file).href) trouble.push(`request: ${request.url()}`);
      });
      await page.goto(pathToFileURL(file).href);
      return { page, trouble };
    },
    close: async () => {
      for (const context of contexts) await context.close();
      await browser.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}

interface How {
  readonly width?: number;
  readonly scripts?: boolean;
  readonly dark?: boolean;
}

export const shoot = (page: Page, name: string): Promise<unknown> =>
  page.screenshot({ path: path.join(SHOTS, `${name}.png`), fullPage: true });

export const print = (page: Page, name: string): Promise<unknown> =>
  page.pdf({ path: path.join(SHOTS, `${name}.pdf`), format: 'A4' });

/** What axe-core has against the page, by the rules of WCAG 2 A and AA. */
export async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8'));
  const violations = await page.evaluate(
    `axe.run({ runOnly: ${JSON.stringify(RULES)} }).then(({ violations }) => violations.map(
      ({ id, nodes }) => id + ': ' + (nodes[0]?.html ?? '').slice(0, 200)))`,
  );
  return violations as string[];
}
