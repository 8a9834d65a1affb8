import { formatLots, formatPrice } from '../../../src/domain/instrument.ts';
import type { Points } from '../../../src/domain/units.ts';
import { retcodeName } from '../../../src/mt5/retcodes.ts';
import type { RequestBody, RequestOutcome } from '../../../src/mt5/terminal/engine/records.ts';
import type { FakeBroker } from '../terminal/fake-broker.ts';
import { double, type EaValue, int32, serialize } from './ea-json.ts';

const ACTIONS: Readonly<Record<RequestBody['type'], string>> = {
  place: 'TRADE_ACTION_DEAL',
  close: 'TRADE_ACTION_DEAL',
  closeBy: 'TRADE_ACTION_CLOSE_BY',
  modifyPosition: 'TRADE_ACTION_SLTP',
  modifyOrder: 'TRADE_ACTION_MODIFY',
  cancel: 'TRADE_ACTION_REMOVE',
  nothing: 'TRADE_ACTION_DEAL',
};

/**
 * A TRADE_TRANSACTION_REQUEST as the EA tells it on its fourth port: tickets cut to 32 bits, and
 * under `deal` the number of the order.
 */
export const requestEvent = (
  broker: FakeBroker,
  body: RequestBody,
  outcome: RequestOutcome,
): string => {
  const symbol = 'symbol' in body ? body.symbol : (outcome.symbol ?? '');
  const digits = broker.env.instruments.get(symbol)?.digits ?? 5;
  const price = (points: Points | null): EaValue =>
    double(points === null ? 0 : formatPrice(points, digits));
  const place = body.type === 'place' ? body : undefined;
  const isPending = place !== undefined && place.kind !== 'market';
  const ticket = 'ticket' in body ? body.ticket : '0';
  const isOrder = body.type === 'modifyOrder' || body.type === 'cancel';
  const levels = 'stopLoss' in body ? body : { stopLoss: null, takeProfit: null };
  const side = place?.side === 'sell' ? 'SELL' : 'BUY';
  const kind = isPending ? `_${place.kind.toUpperCase()}` : '';
  const volume = 'volumeE8' in body ? formatLots(body.volumeE8) : '0';
  const order = int32(outcome.order ?? 0);
  return serialize({
    request: {
      action: isPending ? 'TRADE_ACTION_PENDING' : ACTIONS[body.type],
      order: int32(isOrder ? ticket : 0),
      symbol,
      volume: double(volume),
      price: price('price' in body ? body.price : null),
      stoplimit: double(0),
      sl: price(levels.stopLoss),
      tp: price(levels.takeProfit),
      deviation: int32(10),
      type: `ORDER_TYPE_${side}${kind}`,
      type_filling: 'ORDER_FILLING_FOK',
      type_time: 'ORDER_TIME_GTC',
      expiration: int32(0),
      comment: place?.comment ?? '',
      position: int32(isOrder ? 0 : ticket),
      position_by: int32(body.type === 'closeBy' ? body.byTicket : 0),
    },
    result: {
      retcode: int32(outcome.retcode),
      result: `TRADE_RETCODE_${retcodeName(outcome.retcode) ?? 'UNKNOWN'}`,
      deal: order,
      order,
      volume: double(outcome.volumeE8 === null ? 0 : formatLots(outcome.volumeE8)),
      price: price(outcome.price),
      comment: outcome.comment,
      request_id: int32(1),
      retcode_external: int32(0),
    },
  });
};
