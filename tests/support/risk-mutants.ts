import type { RiskCase } from './risk-cases.ts';
import type { Carelessness } from './risk-options.ts';

/** One term dropped, or one credit given, in the code that decides. `code` replaces a text that
 * stands once in a file of src/risk; `careless` is a guard that breaks a rule of reservations. */
export type RiskMutant = {
  readonly name: string;
  /** The case in which it can hurt. */
  readonly in: RiskCase;
} & (
  | { readonly file: string; readonly from: string; readonly to: string }
  | { readonly careless: Carelessness }
);

const exposure = (
  name: string,
  from: string,
  to: string,
  where: RiskCase = 'ftmo',
): RiskMutant => ({
  name,
  in: where,
  file: 'exposure.ts',
  from,
  to,
});

const TERMS: readonly RiskMutant[] = [
  exposure(
    'exit slippage of a position',
    'd * (stop - d * symbol.slippagePoints - open)',
    'd * (stop - open)',
  ),
  exposure(
    'exit slippage of an order',
    'symbol.slippagePoints + symbol.entrySlippagePoints',
    'symbol.entrySlippagePoints',
  ),
  exposure(
    'entry slippage of an order',
    'symbol.slippagePoints + symbol.entrySlippagePoints',
    'symbol.slippagePoints',
  ),
  exposure('swap booked on a position', '    position.swap +\n    nights', '    nights'),
  exposure(
    'swap of the nights ahead of a position',
    'position.swap +\n    nightsMinor(symbol, value, side, volumeE8) -',
    'position.swap -',
  ),
  exposure(
    'swap of the nights ahead of an order',
    'volumeE8) +\n    nightsMinor(symbol, value, side, volumeE8) -\n    2n',
    'volumeE8) -\n    2n',
  ),
  exposure(
    'commission of closing a position',
    ' -\n    worstCommission(symbol.instrument, volumeE8);\n  const best',
    ';\n  const best',
  ),
  exposure('exit commission of an order', '2n * worstCommission', '1n * worstCommission'),
  exposure('both commissions of an order', '2n * worstCommission', '0n * worstCommission'),
  exposure(
    'the old stop while its change is unconfirmed',
    '[position.stopLoss, ...(position.unconfirmedStops ?? [])]',
    '[position.unconfirmedStops?.at(-1) ?? position.stopLoss]',
  ),
  exposure(
    'winners give no credit at the reset',
    'if (worst < 0n) this.losses -= worst;',
    'this.losses -= worst;',
  ),
  exposure(
    'winners give no credit when they close',
    'if (worst < 0n) this.losses -= worst;',
    'this.losses -= worst;',
    'closedHigh',
  ),
  {
    name: 'the haircut of a conversion',
    in: 'ftmo',
    file: 'exact.ts',
    from: 'const rate = movePoints >= 0 ? value.rate.low : value.rate.high;\n  const scaled = BigInt(Math.floor',
    to: 'const rate = value.rate.low;\n  const scaled = BigInt(Math.floor',
  },
  {
    name: 'the ask side: a short opens at the bid and is stopped at the ask',
    in: 'ftmo',
    file: 'levels.ts',
    from: "const quote = side === 'buy' ? symbol.ask : symbol.bid;",
    to: 'const quote = symbol.ask;',
  },
  {
    name: 'the ask side: a long opens at the ask',
    in: 'ftmo',
    file: 'levels.ts',
    from: "const quote = side === 'buy' ? symbol.ask : symbol.bid;",
    to: 'const quote = symbol.bid;',
  },
];

const COUNTED: readonly RiskMutant[] = [
  exposure(
    'positions',
    'for (const position of positions)',
    'for (const position of [] as typeof positions)',
  ),
  exposure(
    'orders that may still fill',
    'for (const order of orders)',
    'for (const order of [] as typeof orders)',
  ),
  exposure(
    'pending orders',
    'for (const order of orders)',
    "for (const order of orders.filter((o) => o.status !== 'pending'))",
  ),
  exposure(
    'orders in flight',
    'for (const order of orders)',
    "for (const order of orders.filter((o) => o.status !== 'inFlight'))",
  ),
  exposure(
    'orders of unknown outcome',
    'for (const order of orders)',
    "for (const order of orders.filter((o) => o.status !== 'unknown'))",
  ),
  {
    name: 'the new order itself',
    in: 'ftmo',
    file: 'volume-checks.ts',
    from: '? addOutcome(a.exposure, risk.id, outcome)',
    to: '? a.exposure',
  },
  {
    name: 'the stop that a new order gives the whole position (netting)',
    in: 'netting',
    file: 'account-mode-checks.ts',
    from: "if (account.marginMode === 'hedging') return",
    to: 'if (account.marginMode !== undefined) return',
  },
];

const FLOORS: readonly RiskMutant[] = [
  {
    name: 'I1: the worst case above the floor',
    in: 'ftmo',
    file: 'funds-checks.ts',
    from: 'if (minor(after.worstEquity - room.floor) < buffer)',
    to: 'if (minor(after.worstEquity - room.floor) < -(10n ** 12n))',
  },
  {
    name: 'I2: what survives a reset fits the next day',
    in: 'ftmo',
    file: 'headroom.ts',
    from: "if (rule.ratchet === 'none') return null;",
    to: "if (rule.ratchet !== 'realtime') return null;",
  },
  {
    name: 'a floor that follows the closed balance',
    in: 'closedHigh',
    file: 'headroom.ts',
    from: "if (rule.ratchet === 'none') return null;",
    to: "if (rule.ratchet !== 'atReset') return null;",
  },
  {
    name: 'a floor that follows equity counts the fall from the highest equity',
    in: 'equityHigh',
    file: 'headroom.ts',
    from: 'const fall = followsEquity(rule) ? exposure.swing : exposure.losses;',
    to: 'const fall = exposure.losses;',
  },
  {
    name: 'a daily floor below max(balance, equity) counts that fall too',
    in: 'higherOfBoth',
    file: 'headroom.ts',
    from: 'const fall = followsEquity(rule) ? exposure.swing : exposure.losses;',
    to: 'const fall = exposure.losses;',
  },
  {
    name: 'the total floor',
    in: 'closedHigh',
    file: 'headroom.ts',
    from: "for (const name of ['daily', 'total'] as const)",
    to: "for (const name of ['daily'] as const)",
  },
  {
    name: 'a reset moves the daily anchor',
    in: 'ftmo',
    file: 'ledger-anchors.ts',
    from: "    case 'dayStartBalance':\n      return figures.balance;",
    to: "    case 'dayStartBalance':\n      return before;",
  },
  {
    name: 'a high water rises with the balance',
    in: 'closedHigh',
    file: 'ledger-anchors.ts',
    from: "if (rule.anchor === 'closedBalanceHighWater') return raised(anchor, figures.balance);",
    to: '',
  },
  {
    name: 'a deal from before the reset that is told after it corrects the anchor',
    in: 'ftmo',
    file: 'ledger.ts',
    from: 'anchors: anchorsCorrected(next, figures)',
    to: 'anchors: next.anchors',
  },
];

const RESERVATIONS: readonly RiskMutant[] = [
  {
    name: 'a reservation holds until the terminal shows all of it',
    in: 'ftmo',
    file: 'reservations.ts',
    from: 'const rest = order.volumeE8 - (filled.get(magic) ?? 0);',
    to: 'const rest = filled.has(magic) ? 0 : order.volumeE8;',
  },
  {
    name: 'the rest of a working order that filled in part',
    in: 'ftmo',
    file: 'reservations.ts',
    from: 'volumeE8: lotsE8(order.volumeE8 - order.filledE8)',
    to: 'volumeE8: order.filledE8',
  },
  { name: 'a time-out releases nothing', in: 'ftmo', careless: 'releasesOnTimeout' },
  { name: 'a restart releases nothing', in: 'ftmo', careless: 'releasesAtRestart' },
  { name: 'an order is reserved before it is sent', in: 'ftmo', careless: 'sendsBeforeReserving' },
  {
    name: 'a wider stop is reserved before it is sent',
    in: 'ftmo',
    careless: 'widensWithoutReserving',
  },
  {
    name: 'a restart does not forget a wider stop',
    in: 'ftmo',
    careless: 'forgetsWideningsAtRestart',
  },
  {
    name: 'a wider stop that was set counts until the terminal shows it',
    in: 'ftmo',
    careless: 'releasesStopsUnseen',
  },
  {
    name: 'a wider stop is judged by its new level',
    in: 'ftmo',
    file: 'level-changes.ts',
    from: '[...(position.unconfirmedStops ?? []), change.stopLoss]',
    to: 'position.unconfirmedStops ?? []',
  },
  {
    name: 'a wider stop has to fit the floors',
    in: 'ftmo',
    file: 'change-verdict.ts',
    from: 'if (refusal !== undefined) return withWidest',
    to: 'if (refusal === undefined && false) return withWidest',
  },
  { name: 'a restart does not anchor the day anew', in: 'ftmo', careless: 'anchorsAnewAtRestart' },
];

/** Every term of w, every reservation rule and every way in which a floor moves, by what is lost. */
export const RISK_MUTANTS: readonly RiskMutant[] = [
  ...TERMS,
  ...COUNTED,
  ...FLOORS,
  ...RESERVATIONS,
];
