import type { SymbolExplanation } from '../../actors/operator/operator-view.ts';
import { order } from './api.ts';
import { Panel } from './panel.tsx';
import { answerSignal, usePolled } from './polled.ts';
import { account, level } from './store.ts';

/** Why a symbol does not trade now, and what one could do about it. */
const why = answerSignal<{ readonly rows: readonly SymbolExplanation[] }>();

const Switch = ({ id }: { readonly id: string }) => {
  const state = account.value?.strategies.find((one) => one.id === id)?.state;
  if (level.value !== 'writer' || state === undefined) return null;
  const verb = state === 'disabled' || state === 'parked' ? 'enable' : 'disable';
  const send = (): void => void order(`/strategies/${encodeURIComponent(id)}/${verb}`);
  return (
    <button type="button" onClick={send}>
      {verb === 'enable' ? 'Enable' : 'Disable'}
    </button>
  );
};

export const Why = () => {
  usePolled('/why', 2_000, why);
  const rows = why.value?.rows ?? [];
  return (
    <Panel id="why" title="Does it trade?">
      <ul class="plain">
        {rows.map((row) => (
          <li key={row.strategy}>
            <span class={row.trades ? 'good' : 'warn'} aria-hidden="true">
              {row.trades ? '●' : '▲'}
            </span>{' '}
            <b>{row.strategy}</b>{' '}
            {row.trades
              ? 'trades'
              : row.because.map(({ cause, remedy }) => `${cause}; ${remedy}.`).join(' ')}{' '}
            {row.lastRefusal === null ? null : (
              <span class="dim">
                last refusal {row.lastRefusal.code}: {row.lastRefusal.detail}
              </span>
            )}{' '}
            <Switch id={row.strategy} />
          </li>
        ))}
        {rows.length === 0 ? <li class="dim">No strategy is known yet.</li> : null}
      </ul>
    </Panel>
  );
};
