import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, chromium, type Page } from 'playwright-core';

/** Debian's Chromium, headless, with everything off that would look for a network. */
const EXECUTABLE = '/usr/bin/chromium';
export const hasBrowser = existsSync(EXECUTABLE);

export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: EXECUTABLE,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/** What axe finds, as one line each; put in past the page's policy, which allows no such script. */
export const axeViolations = async (page: Page): Promise<readonly string[]> => {
  const axe = await import(AXE);
  const source = (axe.default as { readonly source: string }).source;
  await page.evaluate(source);
  const { violations } = (await page.evaluate('axe.run()')) as {
    readonly violations: readonly Violation[];
  };
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary ?? ''}`),
  );
};
