import autocannon from 'autocannon';
import { hasBrowser, launchBrowser } from '../support/browser.ts';
import { pageWeight } from '../support/page-weight.ts';
import { type BenchRow, median, quantile } from './bench-row.ts';
import { benchPlace } from './measured-run.ts';
import { type TimedRuntime, timedRuntime, until } from './tick-to-order.ts';

/**
 * Whether looking costs orders their time: the way from a tick to its order while nobody asks the API
 * and while it is asked by many, in turns on one running replay. Then what
 * the API can answer at most, and what a person waits for.
 */
const ROUNDS = 5;
const ORDERS_PER_TURN = 15;
/** Requests a second: what ten pages ask together, and what no ten people do. */
const RATES = [20, 200] as const;
/** Market seconds a second: the machine has to have time left, as it has in a live session. */
const SPEED = '6000';
const FULL_SECONDS = 5;
const OPENINGS = 5;
const CONNECTIONS = 4;
const ASKED = [
  '/account',
  '/trades/open',
  '/trades/history',
  '/signals',
  '/orders',
  '/performance/summary',
  '/tree',
  '/metrics',
].map((path) => ({ path }));

const addressOf = async (runtime: TimedRuntime): Promise<string> => {
  const found = (): string | undefined => /inspector at (\S+)/.exec(runtime.said())?.[1];
  await until(
    () => 'the inspector',
    () => found() !== undefined,
  );
  return found() ?? '';
};

/** Microseconds of the orders of one turn. */
const turn = async (runtime: TimedRuntime): Promise<readonly number[]> => {
  const from = runtime.tap.samples.length;
  await runtime.timed(from + ORDERS_PER_TURN);
  return runtime.tap.samples.slice(from);
};

/** Microseconds of the orders of a turn in which the API is asked so often. */
const askedTurn = async (runtime: TimedRuntime, url: string, rate: number) => {
  const load = autocannon({
    ...{ url, connections: CONNECTIONS, overallRate: rate, duration: 600 },
    requests: ASKED,
  });
  const samples = await turn(runtime);
  load.stop();
  const { requests, non2xx, errors } = await load;
  if (non2xx + errors > 0) throw new Error(`${non2xx} refused and ${errors} failed requests`);
  return { samples, answered: requests.total };
};

interface Turns {
  readonly alone: readonly number[];
  readonly asked: readonly { readonly rate: number; readonly samples: readonly number[] }[];
  readonly answered: number;
}

const inTurns = async (runtime: TimedRuntime, url: string): Promise<Turns> => {
  const alone: number[] = [];
  const asked = RATES.map((rate) => ({ rate, samples: [] as number[] }));
  let answered = 0;
  await turn(runtime);
  for (let round = 0; round < ROUNDS; round += 1) {
    alone.push(...(await turn(runtime)));
    for (const { rate, samples } of asked) {
      const found = await askedTurn(runtime, url, rate);
      samples.push(...found.samples);
      answered += found.answered;
    }
  }
  return { alone, asked, answered };
};

/** Milliseconds from the address to the state as a sentence, in a browser that knows nothing yet. */
const openings = async (url: string): Promise<readonly number[]> => {
  const browser = await launchBrowser();
  try {
    const waits: number[] = [];
    for (let i = 0; i <= OPENINGS; i += 1) {
      const context = await browser.newContext();
      const page = await context.newPage();
      const began = performance.now();
      await page.goto(url, { waitUntil: 'commit' });
      await page.getByTestId('sentence').filter({ hasText: /\w/ }).waitFor();
      waits.push(performance.now() - began);
      await context.close();
    }
    return waits.slice(1);
  } finally {
    await browser.close();
  }
};

export const benchInspector = async (): Promise<readonly BenchRow[]> => {
  const place = benchPlace();
  const runtime = await timedRuntime(place, { speed: SPEED, flags: ['--inspector-port', '0'] });
  try {
    const url = await addressOf(runtime);
    const { alone, asked, answered } = await inTurns(runtime, url);
    const at = (share: number, name: string): readonly BenchRow[] => {
      const base = quantile(alone, share);
      return [
        { name: `tick to order, nobody asks, ${name}`, value: base, unit: 'µs' },
        ...asked.flatMap(({ rate, samples }): readonly BenchRow[] => {
          const value = quantile(samples, share);
          return [
            { name: `tick to order, ${rate} requests/s, ${name}`, value, unit: 'µs' },
            { name: `${rate} requests/s ÷ alone, ${name}`, value: value / base, unit: '×' },
          ];
        }),
      ];
    };
    const full = await autocannon({
      ...{ url, connections: CONNECTIONS, duration: FULL_SECONDS, requests: ASKED },
    });
    if (!hasBrowser) console.warn('no /usr/bin/chromium: how long a page takes is not measured');
    const waits = hasBrowser ? await openings(url) : [];
    return [
      { name: 'orders timed', value: (1 + RATES.length) * alone.length, unit: 'orders' },
      { name: 'requests answered meanwhile', value: answered, unit: 'requests' },
      ...at(0.5, 'p50'),
      ...at(0.9, 'p90'),
      { name: 'API at most', value: full.requests.average, unit: 'requests/s' },
      { name: 'API at most, p99 of an answer', value: full.latency.p99, unit: 'ms' },
      { name: 'page, gzip', value: pageWeight() / 1_000, unit: 'kB' },
      ...(waits.length === 0
        ? []
        : [{ name: 'first status in a browser', value: median(waits), unit: 'ms' }]),
    ];
  } finally {
    await runtime.close();
    place.close();
  }
};
