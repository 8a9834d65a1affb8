import type { HourPerformance, PairPerformance } from '../../audit/performance.ts';
import { Panel, Table } from './panel.tsx';
import { answerSignal, usePolled } from './polled.ts';
import { money, percent, signClass } from './words.ts';

const pairs = answerSignal<{ readonly rows: readonly PairPerformance[] }>();
const hours = answerSignal<{ readonly rows: readonly HourPerformance[] }>();

const COLUMNS = ['Pair', 'Trades', 'Won', 'Net', 'Costs', 'Profit factor'] as const;

export const Pairs = () => {
  usePolled('/performance/by_pair', 5_000, pairs);
  const rows = pairs.value?.rows ?? [];
  return (
    <Panel id="pairs" title="Performance by pair">
      {rows.length === 0 ? (
        <p class="dim">No trade is closed yet.</p>
      ) : (
        <Table label="Performance by pair" columns={COLUMNS}>
          {rows.map((row) => (
            <tr key={row.symbol}>
              <th scope="row">{row.symbol}</th>
              <td class="num">{row.trades}</td>
              <td class="num">{percent(row.winRate)}</td>
              <td class={`num ${signClass(row.net)}`}>{money(row.net)}</td>
              <td class="num">{money(row.costs)}</td>
              <td class="num">{row.profitFactor?.toFixed(2) ?? '–'}</td>
            </tr>
          ))}
        </Table>
      )}
    </Panel>
  );
};

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

/** Five shades on either side of zero, by the largest figure on the table. */
const shadeOf = (net: number, most: number): string => {
  if (most === 0 || net === 0) return 'heat-0';
  const step = Math.max(1, Math.ceil((5 * Math.abs(net)) / most));
  return `${net > 0 ? 'heat-up' : 'heat-down'}-${step}`;
};

const HeatCell = ({ row, most }: { readonly row: HourPerformance | undefined; most: number }) => {
  if (row === undefined) return <td class="heat heat-0" />;
  const net = Number(row.net);
  const told = `${row.trades} trades, net ${row.net}`;
  return (
    <td class={`heat ${shadeOf(net, most)}`} title={told}>
      <span aria-hidden="true">{net > 0 ? '+' : net < 0 ? '−' : '0'}</span>
      <span class="hidden">{told}</span>
    </td>
  );
};

export const Heatmap = () => {
  usePolled('/performance/by_hour', 5_000, hours);
  const rows = hours.value?.rows ?? [];
  const most = Math.max(0, ...rows.map(({ net }) => Math.abs(Number(net))));
  return (
    <Panel id="heatmap" title="Trading hours (UTC, by opening)">
      <Table label="Net result by weekday and hour" columns={['Day', ...HOURS.map(String)]}>
        {[1, 2, 3, 4, 5, 0, 6].map((weekday) => (
          <tr key={weekday}>
            <th scope="row">{DAYS[weekday]}</th>
            {HOURS.map((hour) => (
              <HeatCell
                key={hour}
                row={rows.find((row) => row.weekday === weekday && row.hour === hour)}
                most={most}
              />
            ))}
          </tr>
        ))}
      </Table>
    </Panel>
  );
};
