import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { rowsOf } from '../support/audit-dump.ts';
import { axeViolations, hasBrowser, launchBrowser } from '../support/browser.ts';
import { type RunningCli, STORY, sandbox, terminalPid, until } from '../support/cli-sandbox.ts';
import { walkedBars } from '../support/generated-market.ts';
import { writeMarketFile } from '../support/market-files.ts';
import { deals, ledgerFile, ledgerLines, openTickets } from '../support/terminal-ledger.ts';

/**
 * The page in a real browser, on a replay that trades while one looks. With SCREENSHOTS=1 it leaves
 * pictures in docs/img.
 */
if (!hasBrowser) console.warn('SKIPPED: tests of the page need /usr/bin/chromium (see .ci/run)');

const IMG = fileURLToPath(new URL('../../docs/img/', import.meta.url));
const PROMTOOL = '/usr/bin/promtool';
const HEADER_PX = 120;
const PATIENCE = { timeout: 30_000 } as const;
const ENV = {
  BULWARK_STRATEGIES: JSON.stringify([
    { use: 'atr-breakout', symbol: 'EURUSD', timeframe: 'M5' },
    { use: 'sma-cross', symbol: 'GBPUSD', timeframe: 'M5' },
  ]),
};

/** Elements that make the page scroll sideways; what scrolls by itself may be as wide as it likes. */
const WIDER_THAN_THE_SCREEN = `(() => {
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return [];
  const named = [...document.querySelectorAll('main *, header *, footer *')]
    .filter((element) => element.getBoundingClientRect().right > root.clientWidth + 1)
    .filter((element) => element.closest('.scroll, .chart, .plot, pre') === null)
    .map((element) => element.tagName + '#' + element.id + '.' + element.getAttribute('class'));
  return [root.scrollWidth + ' wide', ...named];
})()`;

interface Place {
  readonly run: RunningCli;
  readonly dataDir: string;
  readonly address: string;
  readonly loginLink: string;
}

describe.skipIf(!hasBrowser)('the inspector’s page', STORY, () => {
  const box = sandbox();
  let browser: Browser;
  let place: Place;
  let context: BrowserContext;
  let page: Page;

  const startRun = async (name: string, env: Readonly<Record<string, string>> = {}) => {
    const files = ['EURUSD', 'GBPUSD'].map((symbol, index) => {
      const bars = { seed: 5 + index, from: '2024-02-05 00:00:00', to: '2024-02-09 22:00:00' };
      return writeMarketFile(box.dir, `${symbol}_M1.csv`, walkedBars({ ...bars, stepPoints: 6 }));
    });
    const dataDir = box.path(name);
    const run = box.start(
      [
        'run',
        '--replay',
        ...files,
        '--speed',
        '2400',
        '--data-dir',
        dataDir,
        '--inspector-port',
        '0',
      ],
      { env: { ...ENV, ...env } },
    );
    const [, address = '', loginLink = ''] = await until('the inspector', () => {
      const found = /inspector at (\S+)\n[^\n]*once: (\S+)/.exec(run.said());
      return found ?? undefined;
    });
    return { run, dataDir, address, loginLink };
  };
  const sentence = () => page.getByTestId('sentence');
  const select = async (path: string): Promise<void> => {
    await page.locator(`[data-path="${path}"]`).click();
  };
  /** A picture from the top of the page, or of a panel below the header that stays. */
  const shoot = async (name: string, panel?: string): Promise<void> => {
    if (process.env['SCREENSHOTS'] !== '1') return;
    mkdirSync(IMG, { recursive: true });
    await page.evaluate('scrollTo(0, 0)');
    const box = panel === undefined ? null : await page.locator(panel).boundingBox();
    if (box !== null) await page.evaluate(`scrollTo(0, ${box.y - HEADER_PX})`);
    await page.screenshot({ path: join(IMG, `${name}.png`), fullPage: false });
  };

  beforeAll(async () => {
    browser = await launchBrowser();
    place = await startRun('traded');
    context = await browser.newContext({ viewport: { width: 1400, height: 1000 } });
    page = await context.newPage();
    await page.goto(place.address);
    await until('two closed trades', () => closed().length >= 2);
  });
  afterAll(async () => {
    await browser.close();
    await box.close();
  });
  const closed = () =>
    rowsOf(`${place.dataDir}/audit.db`, 'trades').filter(({ state }) => state === 'closed');

  it('says the state as a sentence, and shows the trades of the audit', async () => {
    await sentence().filter({ hasText: 'Trading' }).waitFor(PATIENCE);
    await vi.waitFor(async () => {
      const cells = await page
        .locator('#pairs tbody tr')
        .evaluateAll((rows) =>
          rows.map((row) => [...row.children].slice(0, 2).map(({ textContent }) => textContent)),
        );
      const counts = new Map<string, number>();
      for (const { symbol } of closed()) {
        counts.set(String(symbol), (counts.get(String(symbol)) ?? 0) + 1);
      }
      expect(cells).toEqual([...counts].sort().map(([symbol, count]) => [symbol, String(count)]));
    }, PATIENCE);
    await page.locator('.plot canvas').waitFor(PATIENCE);
  });

  it('has metrics that Prometheus understands and that say what the audit says', async () => {
    const text = await (await fetch(`${place.address}/metrics`)).text();
    expect(text).toMatch(/^bulwark_account_mode\{account="5012345",mode="active"\} 1$/m);
    expect(Number(/^bulwark_deals_total\{.*\} (\d+)$/m.exec(text)?.[1])).toBeGreaterThan(0);
    if (!existsSync(PROMTOOL)) return console.warn('SKIPPED: promtool is not installed');
    const check = spawnSync(PROMTOOL, ['check', 'metrics'], { input: text, encoding: 'utf8' });
    // Exit code 3 is a matter of style: prom-client's own names of the process are not ours.
    const complaints = (check.stdout + check.stderr)
      .split('\n')
      .filter((line) => /bulwark/.test(line));
    expect([check.status === 0 || check.status === 3, complaints]).toEqual([true, []]);
  });

  it('leads from an order to its whole story', async () => {
    await page.locator('#orders button[data-story]').first().click();
    const dialog = page.getByRole('dialog');
    await dialog.locator('b', { hasText: 'intent.planned' }).waitFor(PATIENCE);
    await dialog.locator('b', { hasText: 'deal.booked' }).first().waitFor(PATIENCE);
    await dialog.getByRole('button', { name: 'Close' }).click();
    await dialog.waitFor({ ...PATIENCE, state: 'detached' });
  });

  it('lets a stranger command nothing', async () => {
    expect(await page.getByRole('button', { name: 'Halt' }).count()).toBe(0);
    await page.keyboard.press('k');
    await page.keyboard.press('k');
    await page.getByRole('dialog', { name: 'Log in' }).waitFor(PATIENCE);
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    const statuses = await page.evaluate(async () => {
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ reason: 'x', account: '5012345' });
      const urls = ['/commands/kill', '/commands/halt', '/commands/flatten', '/commands/rearm'];
      const answers = urls.map((url) => fetch(url, { method: 'POST', headers, body }));
      return (await Promise.all(answers)).map(({ status }) => status);
    });
    expect(statuses).toEqual([401, 401, 401, 401]);
    expect(await sentence().textContent()).toMatch(/^Trading/);
  });

  it('has no violation for axe: light, dark, and as wide as a phone', async () => {
    await page.reload();
    await select('accounts.5012345.desk.risk-guard');
    await page.locator('#actor .chart svg').first().waitFor(PATIENCE);
    expect(await axeViolations(page)).toEqual([]);
    await shoot('inspector-light');
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await axeViolations(page)).toEqual([]);
    await shoot('inspector-dark', '#actor');
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await axeViolations(page)).toEqual([]);
    expect(await page.evaluate<readonly string[]>(WIDER_THAN_THE_SCREEN)).toEqual([]);
    await shoot('inspector-phone');
    await page.setViewportSize({ width: 1400, height: 1000 });
    await page.emulateMedia({ colorScheme: 'light' });
  });

  it('lights the state that the link is in, also when the link is lost and comes back', async () => {
    await select('accounts.5012345.desk.connection');
    const lit = page.locator('#actor .chart [data-state="live"].lit');
    await lit.waitFor(PATIENCE);
    const terminal = await until('the terminal', () => terminalPid(place.dataDir));
    process.kill(terminal, 'SIGKILL');
    await lit.waitFor({ ...PATIENCE, state: 'detached' });
    await sentence()
      .filter({ hasText: /Halted/ })
      .waitFor(PATIENCE);
    await page.locator('#actor .chart .lit').first().waitFor(PATIENCE);
    await shoot('inspector-link-lost', '#actor');
    await lit.waitFor(PATIENCE);
    await sentence().filter({ hasText: 'Trading' }).waitFor(PATIENCE);
    await page.locator('#actor li', { hasText: 'link:' }).first().waitFor(PATIENCE);
  });

  it('kills: everything is closed at the terminal, and the page shows the acknowledgement', async () => {
    await page.goto(place.loginLink);
    await page.getByRole('button', { name: 'Halt' }).waitFor(PATIENCE);
    await until(
      'an open position',
      () => openTickets(ledgerLines(ledgerFile(place.dataDir))).size > 0,
    );
    await page.keyboard.press('k');
    await page.keyboard.press('k');
    await page
      .getByTestId('said')
      .filter({ hasText: '5012345' })
      .or(page.getByTestId('said').filter({ hasText: /lock|kill|clos/i }))
      .first()
      .waitFor(PATIENCE);
    await sentence()
      .filter({ hasText: /^Locked/ })
      .waitFor(PATIENCE);
    await page.locator('#positions', { hasText: 'Nothing is open.' }).waitFor(PATIENCE);
    const lines = ledgerLines(ledgerFile(place.dataDir));
    expect(openTickets(lines).size).toBe(0);
    expect(deals(lines).length).toBeGreaterThan(0);
    await page.getByRole('heading', { name: 'Locked' }).waitFor(PATIENCE);
    // What the command says is in the way, the page says in the same words.
    const { stdout } = await box.run(['why', 'EURUSD', '--data-dir', place.dataDir]);
    const [because] = /(?<= {2}LOCKED: ).*/.exec(stdout) ?? [];
    expect(because).toMatch(/^locked: .*; look what happened/);
    await page.locator('#why', { hasText: because ?? '' }).waitFor(PATIENCE);
    await shoot('inspector-locked');
  });

  it('turns grey when the runtime is gone', async () => {
    place.run.signal('SIGKILL');
    await page.locator('.pill.bad', { hasText: 'stale since' }).waitFor(PATIENCE);
  });

  it('shows nothing to a stranger once there is a read token', async () => {
    const secret = 'read-token-of-this-test-0123456789';
    const closedPlace = await startRun('closed', { BULWARK_API__READ_TOKEN: secret });
    const stranger = await (await browser.newContext()).newPage();
    await stranger.goto(closedPlace.address);
    const dialog = stranger.getByRole('dialog', { name: 'Log in' });
    await dialog.waitFor(PATIENCE);
    expect(await stranger.locator('#positions tbody tr').count()).toBe(0);
    const status = await stranger.evaluate(async () => (await fetch('/account')).status);
    expect(status).toBe(401);
    await dialog.locator('input').fill(secret);
    await dialog.getByRole('button', { name: 'Log in' }).click();
    await stranger.getByTestId('sentence').filter({ hasText: /\w/ }).waitFor(PATIENCE);
    expect(await stranger.getByRole('button', { name: 'Halt' }).count()).toBe(0);
    closedPlace.run.signal('SIGINT');
  });
});
