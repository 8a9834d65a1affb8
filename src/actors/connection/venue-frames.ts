import type { Instrument } from '../../domain/instrument.ts';
import { epochMs, type Minor, minor } from '../../domain/units.ts';
import { type Converted, convertAll } from '../../mt5/wire/conversion.ts';
import {
  accountFromWire,
  dealFromWire,
  orderFromWire,
  positionFromWire,
  type WireUnits,
} from '../../mt5/wire/domain-codec.ts';
import { symbolFromWire } from '../../mt5/wire/instrument-codec.ts';
import type { EaMessageOf } from '../../mt5/wire/messages.ts';
import type { Snapshot as WireSnapshot } from '../../mt5/wire/snapshot-parts.ts';
import { VenueDataError } from '../errors.ts';
import { resultFromWire } from '../executor/executor-facts.ts';
import type { Evidence, Snapshot, TradeReport } from '../messages.ts';

/**
 * Frames of the terminal, as the desk understands them. A record that cannot be converted exactly
 * throws: half a truth about an account is worse than a session that starts again.
 */
const must = <T>(converted: Converted<T>): T => {
  if (converted.ok) return converted.value;
  const { code, subject, field, text } = converted.error;
  throw new VenueDataError({ subject, detail: `${code} in ${field}: ${text}` });
};

export const unitsOf = (
  instruments: ReadonlyMap<string, Instrument>,
  currencyDigits: number,
): WireUnits => ({ digitsOf: (symbol) => instruments.get(symbol)?.digits, currencyDigits });

export const instrumentsFromWire = (
  symbols: EaMessageOf<'query.reply'>['symbols'],
  currencyDigits: number,
  commissionPerLotMinor: Minor = minor(0n),
): readonly Instrument[] =>
  symbols.map(
    (symbol) => must(symbolFromWire(symbol, { currencyDigits, commissionPerLotMinor })).instrument,
  );

export const snapshotFromWire = (
  wire: WireSnapshot,
  hash: string,
  commissionPerLotMinor: Minor = minor(0n),
): Snapshot => {
  const account = must(accountFromWire(wire.account));
  const { currencyDigits } = account;
  const instruments = instrumentsFromWire(wire.symbols, currencyDigits, commissionPerLotMinor);
  const units = unitsOf(new Map(instruments.map((spec) => [spec.symbol, spec])), currencyDigits);
  return {
    at: epochMs(wire.atMs),
    hash,
    account,
    instruments,
    positions: must(convertAll(wire.positions, (item) => positionFromWire(item, units))),
    orders: must(convertAll(wire.orders, (item) => orderFromWire(item, units))),
    historyOrders: must(convertAll(wire.historyOrders, (item) => orderFromWire(item, units))),
    deals: must(convertAll(wire.deals, (item) => dealFromWire(item, units))),
    results: wire.results.map(resultFromWire),
    unresolved: wire.unresolved,
  };
};

export const tradeFromWire = (wire: EaMessageOf<'trade'>, units: WireUnits): TradeReport => ({
  account: must(accountFromWire(wire.account)),
  deals: must(convertAll(wire.deals, (item) => dealFromWire(item, units))),
  orders: must(convertAll(wire.orders, (item) => orderFromWire(item, units))),
  positions: must(convertAll(wire.positions, (item) => positionFromWire(item, units))),
  closedPositions: wire.closedPositions,
});

export const evidenceFromWire = (wire: EaMessageOf<'query.reply'>, units: WireUnits): Evidence => ({
  complete: wire.complete,
  orders: must(convertAll(wire.orders, (item) => orderFromWire(item, units))),
  deals: must(convertAll(wire.deals, (item) => dealFromWire(item, units))),
  result: wire.result === null ? null : resultFromWire(wire.result),
});
