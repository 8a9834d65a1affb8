import { Panel, Table } from './panel.tsx';
import { answerSignal, usePolled } from './polled.ts';
import { news, storyOf } from './store.ts';
import { dayAndClock } from './words.ts';

/** Orders with their reasons, and the log: each leads to the whole story of its order. */
interface OrderRow {
  readonly intent_id: string;
  readonly created_at: string;
  readonly symbol: string;
  readonly action: string;
  readonly side: string | null;
  readonly volume: string | null;
  readonly state: string;
  readonly denial_code: string | null;
  readonly detail: string | null;
  readonly reason: string;
}
const orders = answerSignal<{ readonly rows: readonly OrderRow[] }>();

const StoryLink = ({ id, text }: { readonly id: string; readonly text: string }) => (
  <button type="button" class="link" onClick={() => (storyOf.value = id)} data-story={id}>
    {text}
  </button>
);

const COLUMNS = ['Time', 'Symbol', 'What', 'State', 'Why'] as const;

export const Orders = () => {
  usePolled('/orders?limit=30', 2_000, orders);
  const rows = orders.value?.rows ?? [];
  return (
    <Panel id="orders" title="Signals and refusals">
      {rows.length === 0 ? (
        <p class="dim">No signal yet.</p>
      ) : (
        <Table label="Signals and what became of them" columns={COLUMNS}>
          {rows.map((row) => (
            <tr key={row.intent_id}>
              <td class="num">{dayAndClock(row.created_at)}</td>
              <th scope="row">{row.symbol}</th>
              <td>
                {[row.action, row.side, row.volume].filter((part) => part !== null).join(' ')}
              </td>
              <td class={row.state === 'denied' || row.state === 'refused' ? 'bad' : ''}>
                <StoryLink id={row.intent_id} text={row.state} />
              </td>
              <td>
                {row.denial_code === null ? row.reason : `${row.denial_code}: ${row.detail ?? ''}`}
              </td>
            </tr>
          ))}
        </Table>
      )}
    </Panel>
  );
};

const MARKS = { info: '·', warning: '▲', error: '■' } as const;

export const Events = () => {
  const rows = [...news.value].reverse().slice(0, 100);
  return (
    <Panel id="events" title="Events">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable. */}
      <ol class="log" tabIndex={0} aria-label="Events, newest first">
        {rows.map((item) => (
          <li key={item.seq} class={item.severity}>
            <span class="num dim">{dayAndClock(item.at)}</span>{' '}
            <span aria-hidden="true">{MARKS[item.severity]}</span>{' '}
            <span class="hidden">{item.severity}</span> <b>{item.code}</b> {item.detail}{' '}
            {item.intentId === null ? null : <StoryLink id={item.intentId} text="story" />}
          </li>
        ))}
        {rows.length === 0 ? <li class="dim">Nothing has happened yet.</li> : null}
      </ol>
    </Panel>
  );
};
