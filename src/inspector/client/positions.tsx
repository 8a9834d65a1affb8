import { Panel, Table } from './panel.tsx';
import { account } from './store.ts';

const COLUMNS = ['Symbol', 'Side', 'Lots', 'Open', 'Stop', 'Now', 'Strategy', 'Ticket'] as const;

export const Positions = () => {
  const positions = account.value?.positions ?? [];
  const orders = account.value?.orders ?? [];
  return (
    <Panel id="positions" title="Positions">
      {positions.length === 0 ? <p class="dim">Nothing is open.</p> : null}
      {positions.length === 0 ? null : (
        <Table label="Positions" columns={COLUMNS}>
          {positions.map((position) => (
            <tr key={position.ticket} data-ticket={position.ticket}>
              <th scope="row">{position.symbol}</th>
              <td>{position.side === 'buy' ? '▲ buy' : '▼ sell'}</td>
              <td class="num">{position.volume}</td>
              <td class="num">{position.open}</td>
              <td class={position.stopLoss === null ? 'num bad' : 'num'}>
                {position.stopLoss ?? 'none!'}
              </td>
              <td class="num">{position.now ?? '–'}</td>
              <td>{position.strategy ?? 'not ours'}</td>
              <td class="num dim">{position.ticket}</td>
            </tr>
          ))}
        </Table>
      )}
      {orders.length === 0 ? null : (
        <p>
          {orders.length} working {orders.length === 1 ? 'order' : 'orders'}:{' '}
          {orders
            .map((one) => `${one.kind} ${one.side} ${one.volume} ${one.symbol} at ${one.price}`)
            .join('; ')}
        </p>
      )}
    </Panel>
  );
};
