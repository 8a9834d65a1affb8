import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { Panel } from './panel.tsx';
import { answerSignal, usePolled } from './polled.ts';
import { account } from './store.ts';
import { money } from './words.ts';

interface Point {
  readonly at: string;
  readonly balance: string;
  readonly equity: string;
  readonly dailyFloor: string;
  readonly totalFloor: string;
}
const curve = answerSignal<{ readonly rows: readonly Point[] }>();

const numbers = (rows: readonly Point[]): uPlot.AlignedData => [
  rows.map(({ at }) => Date.parse(at) / 1_000),
  rows.map(({ equity }) => Number(equity)),
  rows.map(({ balance }) => Number(balance)),
  rows.map(({ dailyFloor }) => Number(dailyFloor)),
  rows.map(({ totalFloor }) => Number(totalFloor)),
];

const colour = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const optionsFor = (width: number): uPlot.Options => {
  const axis = { stroke: colour('--dim'), grid: { stroke: colour('--line'), width: 1 } };
  return {
    width,
    height: 220,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), 'UTC'),
    legend: { live: false },
    cursor: { drag: { x: true, y: false } },
    axes: [axis, { ...axis, size: 70 }],
    series: [
      {},
      { label: 'equity', stroke: colour('--accent'), width: 2 },
      { label: 'balance', stroke: colour('--dim'), width: 1, dash: [4, 3] },
      { label: 'daily floor', stroke: colour('--warn'), width: 1.5 },
      { label: 'total floor', stroke: colour('--bad'), width: 1.5 },
    ],
  };
};

const Plot = ({ rows }: { readonly rows: readonly Point[] }) => {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const draw = (): void => {
      plot.current?.destroy();
      plot.current = new uPlot(optionsFor(element.clientWidth), numbers(rows), element);
    };
    draw();
    const watch = new ResizeObserver(() =>
      plot.current?.setSize({ width: element.clientWidth, height: 220 }),
    );
    watch.observe(element);
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', draw);
    return () => {
      watch.disconnect();
      dark.removeEventListener('change', draw);
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, []);
  useEffect(() => plot.current?.setData(numbers(rows)), [rows]);
  const last = rows.at(-1);
  const label = last === undefined ? '' : `Equity over time, now ${last.equity}`;
  return <div ref={place} class="plot" role="img" aria-label={label} />;
};

/** How much of the way from balance to the floor is left. */
const Headroom = ({ name }: { readonly name: 'daily' | 'total' }) => {
  const floor = account.value?.floors?.[name];
  if (floor === null || floor === undefined) return null;
  const balance = Number(account.value?.balance ?? 0);
  const full = balance - Number(floor.floor);
  const left = Number(floor.headroom ?? 0);
  const share = full > 0 ? Math.max(0, Math.min(1, left / full)) : 0;
  const state = share < 0.2 ? 'bad' : share < 0.5 ? 'warn' : 'good';
  return (
    <div class="headroom">
      <dt>{name} floor</dt>
      <dd>
        <span class="num">{money(floor.floor)}</span>{' '}
        <meter
          class={state}
          min={0}
          max={1}
          value={share}
          aria-label={`headroom to the ${name} floor`}
        />{' '}
        <span class="num">{money(floor.headroom)}</span> above
      </dd>
    </div>
  );
};

export const Equity = () => {
  usePolled('/equity/curve?points=400', 2_000, curve);
  const current = account.value;
  const rows = curve.value?.rows ?? [];
  return (
    <Panel id="equity" title="Equity">
      <dl class="figures">
        <div>
          <dt>equity</dt>
          <dd class="num">
            {money(current?.equity)} {current?.currency}
          </dd>
        </div>
        <div>
          <dt>balance</dt>
          <dd class="num">{money(current?.balance)}</dd>
        </div>
        <div>
          <dt>lowest</dt>
          <dd class="num">{money(current?.minEquity)}</dd>
        </div>
        <Headroom name="daily" />
        <Headroom name="total" />
      </dl>
      {rows.length < 2 ? <p class="dim">No curve yet.</p> : <Plot rows={rows} />}
    </Panel>
  );
};
