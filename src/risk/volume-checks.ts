import { formatLots } from '../domain/instrument.ts';
import type { LotsE8, Minor } from '../domain/units.ts';
import { formatDecimal, LOT_E8, lotsE8, ZERO_MINOR } from '../domain/units.ts';
import { asHeld } from './account-mode-checks.ts';
import type { Exposure, OrderRisk, Outcome } from './exposure.ts';
import { addOutcome, exposureOf, orderOutcome, worstCaseEquity } from './exposure.ts';
import { checkCaps } from './exposure-caps.ts';
import { minMinor, shareOf } from './floors.ts';
import { checkFunds } from './funds-checks.ts';
import type { FloorRoom } from './headroom.ts';
import { floorRooms } from './headroom.ts';
import { marginMinor } from './margin.ts';
import { refuse } from './refuse.ts';
import type { Assessment, Refusal, Reservation, VerdictNumbers } from './verdict-types.ts';

/** Checks of one volume: its bounds, its own loss, and what it would do to the account. */

/** What one volume of the new order would do to the account. */
export interface Candidate {
  readonly volumeE8: LotsE8;
  readonly reservation: Reservation;
  /** Everything open or possible, the new order included. */
  readonly exposure: Exposure;
  /** E_wc with the order, never above the equity that is there now. */
  readonly worstEquity: Minor;
  readonly rooms: readonly FloorRoom[];
}

export const candidateOf = (a: Assessment, volumeE8: LotsE8): Candidate => {
  const { account, order, symbol, levels, ledger } = a;
  const risk: OrderRisk = {
    id: order.intentId,
    strategyId: order.strategyId,
    status: 'inFlight',
    symbol: order.symbol,
    side: order.signal.side,
    volumeE8,
    entry: levels.entry,
    stopLoss: levels.stopLoss,
    ...(levels.takeProfit === undefined ? {} : { takeProfit: levels.takeProfit }),
  };
  const outcome = orderOutcome(risk, symbol, account.currencyDigits) as Outcome;
  // Netting: the order's stop becomes that of everything on the symbol, so all is valued anew.
  const exposure =
    account.marginMode === 'hedging'
      ? addOutcome(a.exposure, risk.id, outcome)
      : exposureOf({
          ...asHeld(a, risk),
          symbolOf: (name) => a.symbols.get(name),
          accountDigits: account.currencyDigits,
        });
  const margin =
    symbol.rate === undefined
      ? ZERO_MINOR
      : marginMinor({
          instrument: symbol.instrument,
          volumeE8,
          price: levels.entry,
          leverage: account.leverage,
          rate: symbol.rate,
          accountDigits: account.currencyDigits,
        });
  return {
    volumeE8,
    reservation: { order: risk, worst: outcome.worst, margin },
    exposure,
    worstEquity: minMinor(worstCaseEquity(account.balance, exposure), account.equity),
    rooms: floorRooms(ledger, account.balance, exposure),
  };
};

export const numbersOf = (a: Assessment, c: Candidate): VerdictNumbers => {
  const money = (value: Minor): string => formatDecimal(value, a.account.currencyDigits);
  const numbers: Record<string, string> = {
    volume: formatLots(c.volumeE8),
    orderWorst: money(c.reservation.worst),
    worstEquity: money(c.worstEquity),
    margin: money(c.reservation.margin),
    losses: money(c.exposure.losses),
  };
  for (const { name, floor, now, moved } of c.rooms) {
    numbers[`${name}Floor`] = money(floor);
    numbers[`${name}Room`] = money(now);
    if (moved === 'unbounded') numbers[`${name}RoomIfMoved`] = 'unbounded';
    else if (moved !== null) numbers[`${name}RoomIfMoved`] = money(moved);
  }
  return numbers;
};

const checkBounds = (a: Assessment, c: Candidate): Refusal | undefined => {
  const { instrument } = a.symbol;
  const lots = formatLots(c.volumeE8);
  if (c.volumeE8 < instrument.volumeMinE8) {
    const least = formatLots(instrument.volumeMinE8);
    return refuse('VOLUME_TOO_SMALL', `${lots} lots; the smallest is ${least}.`);
  }
  if (c.volumeE8 % instrument.volumeStepE8 !== 0) {
    const step = formatLots(instrument.volumeStepE8);
    return refuse('VOLUME_STEP', `${lots} lots is no multiple of ${step}.`);
  }
  const most = maxVolumeE8(a);
  if (c.volumeE8 <= most) return undefined;
  return refuse('VOLUME_TOO_LARGE', `${lots} lots; at most ${formatLots(most)} in one order.`);
};

/** Largest volume of one order: the symbol's, the trader's and the firm's bound. */
export const maxVolumeE8 = (a: Assessment): LotsE8 => {
  const firm = a.ledger.rules.phase.activity.lotsPerOrder;
  const own = a.limits.maxOrderVolumeE8;
  return lotsE8(
    Math.min(
      a.symbol.instrument.volumeMaxE8,
      own ?? Number.POSITIVE_INFINITY,
      firm === null ? Number.POSITIVE_INFINITY : firm * LOT_E8,
    ),
  );
};

/** The first reason against this volume, with the figures, or undefined. */
export const checkVolume = (a: Assessment, c: Candidate): Refusal | undefined => {
  const found = ((): Refusal | undefined => {
    const bounds = checkBounds(a, c);
    if (bounds !== undefined) return bounds;
    const most = shareOf(a.ledger.initial, a.limits.maxTradeRiskPpm);
    if (-c.reservation.worst > most) {
      const money = (value: bigint): string => formatDecimal(value, a.account.currencyDigits);
      const detail = `The order could lose ${money(-c.reservation.worst)}; a single trade may lose ${money(most)}.`;
      return refuse('TRADE_RISK', detail);
    }
    const caps = checkCaps(a.caps, c.reservation.worst, a.account.currencyDigits);
    if (caps !== undefined) return caps;
    return checkFunds(a, { ...c, margin: c.reservation.margin });
  })();
  if (found === undefined) return undefined;
  return { ...found, numbers: { ...numbersOf(a, c), ...found.numbers } };
};
