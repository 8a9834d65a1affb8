import { writeFileSync } from 'node:fs';
import { openAuditDb } from '../../src/audit/audit-db.ts';
import type { Deal } from '../../src/domain/trading.ts';
import { lotsE8, minor, points } from '../../src/domain/units.ts';
import type { EntryBody } from '../../src/journal/types.ts';
import type { LogRecord } from '../../src/mt5/terminal/ea/ea-records.ts';
import type {
  BrokerDeal,
  BrokerOrder,
  BrokerRequest,
  RequestBody,
} from '../../src/mt5/terminal/engine/records.ts';
import { LedgerLines } from '../../src/mt5/terminal/ledger-lines.ts';
import { at, closeIntent, entry, openIntent, planned, START, stored } from './entries.ts';

/**
 * One small session told twice: by the broker's records, spelt by the real ledger writer, and by
 * the journal entries that a runtime makes of them. i1 is stopped out, i2 is closed in part by c2,
 * i3 is cancelled, i4 refused by the broker, i5 denied by the guard.
 */
const MAGIC = '281474976710657';
const LOT = 10_000_000;

const brokerDeal = (intent: string, change: Partial<BrokerDeal>): BrokerDeal => ({
  intent,
  attempt: intent === '' ? 0 : 1,
  ticket: '0',
  orderTicket: '0',
  positionTicket: '0',
  symbol: 'EURUSD',
  side: 'buy',
  entry: 'in',
  volumeE8: lotsE8(LOT),
  price: points(138_702),
  profitMinor: minor(0n),
  commissionMinor: minor(-35n),
  swapMinor: minor(0n),
  magic: MAGIC,
  reason: 'expert',
  at: START,
  comment: '',
  ...change,
});
export const DEALS = {
  deposit: brokerDeal('', {
    ticket: '1',
    entry: 'balance',
    reason: 'balance',
    symbol: '',
    profitMinor: minor(10_000_000n),
    commissionMinor: minor(0n),
  }),
  open1: brokerDeal('i1', { ticket: '12', orderTicket: '11', positionTicket: '11', at: at(1_000) }),
  stop1: brokerDeal('', {
    ticket: '14',
    orderTicket: '13',
    positionTicket: '11',
    entry: 'out',
    side: 'sell',
    price: points(138_500),
    profitMinor: minor(-2_020n),
    swapMinor: minor(-3n),
    reason: 'sl',
    at: at(2_000),
  }),
  open2: brokerDeal('i2', { ticket: '22', orderTicket: '21', positionTicket: '21', at: at(3_000) }),
  close2: brokerDeal('c2', {
    ticket: '24',
    orderTicket: '23',
    positionTicket: '21',
    entry: 'out',
    side: 'sell',
    volumeE8: lotsE8(4_000_000),
    price: points(138_900),
    profitMinor: minor(792n),
    commissionMinor: minor(-14n),
    at: at(4_000),
  }),
} as const;

const brokerOrder = (deal: BrokerDeal, change: Partial<BrokerOrder> = {}): BrokerOrder => ({
  intent: deal.intent,
  attempt: deal.attempt,
  ticket: deal.orderTicket,
  symbol: deal.symbol,
  side: deal.side,
  kind: 'market',
  volumeE8: deal.volumeE8,
  filledE8: deal.volumeE8,
  price: deal.price,
  stopLimitPrice: null,
  stopLoss: null,
  takeProfit: null,
  magic: deal.magic,
  tif: 'gtc',
  expiresAt: null,
  state: 'filled',
  placedAt: deal.at,
  doneAt: deal.at,
  positionTicket: deal.positionTicket,
  comment: '',
  ...change,
});
const place: RequestBody = {
  type: 'place',
  symbol: 'EURUSD',
  side: 'buy',
  kind: 'market',
  volumeE8: lotsE8(LOT),
  price: points(138_700),
  stopLimitPrice: null,
  stopLoss: points(138_500),
  takeProfit: null,
  magic: MAGIC,
  filling: 'fok',
  tif: 'gtc',
  expiresAt: null,
  comment: '',
};
const limit: RequestBody = { ...place, kind: 'limit', price: points(138_600) };
const request = (intent: string, body: RequestBody): LogRecord => {
  const { receivedAt, dueAt } = { receivedAt: START, dueAt: START };
  const made: BrokerRequest = { id: `r-${intent}`, intent, attempt: 1, receivedAt, dueAt, body };
  return { type: 'request.received', request: made };
};
const result = (intent: string, retcode: number): LogRecord => ({
  type: 'request.done',
  id: `r-${intent}`,
  intent,
  attempt: 1,
  at: START,
  outcome: {
    retcode,
    symbol: 'EURUSD',
    order: null,
    deal: null,
    price: null,
    volumeE8: null,
    comment: '',
  },
});
const executed = (deal: BrokerDeal): readonly LogRecord[] => [
  { type: 'order.done', order: brokerOrder(deal) },
  { type: 'deal', deal },
];
const opened = (deal: BrokerDeal): LogRecord => ({
  type: 'position.opened',
  position: {
    intent: deal.intent,
    attempt: deal.attempt,
    ticket: deal.positionTicket,
    symbol: deal.symbol,
    side: deal.side,
    volumeE8: deal.volumeE8,
    open: deal.price,
    openedAt: deal.at,
    stopLoss: points(138_500),
    takeProfit: null,
    takeProfitDueAt: null,
    magic: deal.magic,
    swapMinor: minor(0n),
    marginMinor: minor(0n),
    comment: '',
  },
});
const pending = brokerOrder(DEALS.open1, {
  intent: 'i3',
  ticket: '31',
  kind: 'limit',
  filledE8: lotsE8(0),
  positionTicket: null,
});

const records: readonly LogRecord[] = [
  {
    type: 'opened',
    account: {
      login: '5012345',
      server: 'Simulated',
      company: 'Bulwark',
      currency: 'USD',
      currencyDigits: 2,
      leverage: 100,
      marginMode: 'hedging',
      stopOutLevelPercent: 50,
    },
    at: START,
    seed: 1,
    nextRolloverAt: at(86_400_000),
  },
  { type: 'deal', deal: DEALS.deposit },
  request('i1', place),
  ...executed(DEALS.open1),
  opened(DEALS.open1),
  result('i1', 10_009),
  ...executed(DEALS.stop1),
  { type: 'position.closed', ticket: '11', symbol: 'EURUSD', at: DEALS.stop1.at },
  request('i2', place),
  ...executed(DEALS.open2),
  opened(DEALS.open2),
  result('i2', 10_009),
  request('c2', { type: 'close', ticket: '21', volumeE8: lotsE8(4_000_000), filling: 'fok' }),
  ...executed(DEALS.close2),
  result('c2', 10_009),
  request('i3', limit),
  { type: 'order.placed', order: { ...pending, state: 'placed', doneAt: null } },
  result('i3', 10_008),
  { type: 'order.done', order: { ...pending, state: 'cancelled' } },
  request('i4', place),
  result('i4', 10_019),
];

export const ledgerLines = (): readonly string[] =>
  new LedgerLines({ digitsOf: () => 5, currencyDigits: 2 }).of({ n: 1, records });

const dealOf = (deal: BrokerDeal): Deal => {
  const { profitMinor, commissionMinor, swapMinor, intent: _i, attempt: _a, ...rest } = deal;
  return { ...rest, profit: profitMinor, commission: commissionMinor, swap: swapMinor };
};
const booked = (intentId: string | null, deal: BrokerDeal): EntryBody => ({
  kind: 'deal.booked',
  intentId,
  deal: dealOf(deal),
});
const moved = (intentId: string, state: string): EntryBody => ({
  kind: 'order.state',
  intentId,
  state,
});
const answered = (intentId: string, retcode: number): EntryBody => ({
  kind: 'attempt.result',
  intentId,
  attempt: 1,
  outcome: retcode === 10_019 ? 'refused' : 'filled',
  retcode,
});

export const sessionEntries = (): readonly EntryBody[] => [
  {
    kind: 'session.started',
    runId: 'r',
    profile: 'paper',
    ruleSet: 'x',
    initialMinor: '10000000',
    currency: 'USD',
    currencyDigits: 2,
  },
  { kind: 'symbol.known', symbol: 'EURUSD', digits: 5 },
  planned(openIntent('i1')),
  answered('i1', 10_009),
  booked('i1', DEALS.open1),
  moved('i1', 'filled'),
  booked(null, DEALS.stop1),
  planned(openIntent('i2')),
  answered('i2', 10_009),
  booked('i2', DEALS.open2),
  moved('i2', 'filled'),
  planned(closeIntent('c2', { positionTicket: '21', volumeE8: lotsE8(4_000_000) })),
  answered('c2', 10_009),
  booked('c2', DEALS.close2),
  moved('c2', 'filled'),
  planned(openIntent('i3', { kind: 'limit', price: points(138_600) })),
  answered('i3', 10_008),
  moved('i3', 'cancelled'),
  planned(openIntent('i4')),
  answered('i4', 10_019),
  moved('i4', 'refused'),
  {
    kind: 'order.denied',
    signalId: 's5',
    intentId: 'i5',
    strategyId: 'x',
    symbol: 'EURUSD',
    code: 'DAILY_FLOOR',
    detail: '',
    signal: { type: 'close', leg: 0, reason: '' },
  },
  {
    kind: 'account.snapshot',
    balanceMinor: '9998650',
    equityMinor: '9998650',
    marginMinor: '0',
    dailyFloorMinor: '9500000',
    totalFloorMinor: '9000000',
  },
];

/** Projects the entries, an hour after the first deal, so that the snapshot comes last. */
export const writeAudit = (file: string, bodies: readonly EntryBody[]): void => {
  const audit = openAuditDb({ file });
  audit.project(stored(bodies.map((body) => entry(body, 3_600_000))));
  audit.close();
};
export const writeLedger = (file: string, lines: readonly string[]): void =>
  writeFileSync(file, `${lines.join('\n')}\n`);
