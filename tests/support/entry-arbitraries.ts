import type { Intent, IntentType } from '../../src/domain/intent.ts';
import type { Deal, Signal, VenueOrder } from '../../src/domain/trading.ts';
import { BALANCE_OPERATIONS } from '../../src/domain/trading.ts';
import { epochMs, lotsE8, minor, points } from '../../src/domain/units.ts';
import type { Entry, EntryBody, EntryKind } from '../../src/journal/types.ts';
import type { EvaluationContext } from '../../src/machines/evaluation.events.ts';
import { fc } from './property-seed.ts';

/** Arbitrary values of every kind of journal entry. Small id spaces, so that entries meet. */
const text = fc.string({ unit: 'binary', maxLength: 20 });
const ids = (prefix: string, count: number) =>
  fc.nat(count - 1).map((index) => `${prefix}${index}`);
const money = fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(minor);
const smallMoney = fc.bigInt({ min: -99_999n, max: 99_999n });
const price = fc.integer({ min: 1, max: 200_000 }).map(points);
const volume = fc.integer({ min: 1, max: 500 }).map((steps) => lotsE8(steps * 1_000_000));
const instant = fc.integer({ min: 1_398_902_400_000, max: 1_401_580_800_000 }).map(epochMs);
const side = fc.constantFrom('buy', 'sell');
const kind = fc.constantFrom('market', 'limit', 'stop', 'stopLimit');
const tif = fc.constantFrom('gtc', 'day', 'specified');
const symbol = fc.constantFrom('EURUSD', 'XAUUSD');
const optional: { requiredKeys: never[] } = { requiredKeys: [] };
/** A record of which the second part may be absent, field by field. */
const partly = <A extends object, B extends object>(
  required: { [K in keyof A]: fc.Arbitrary<A[K]> },
  more: { [K in keyof B]-?: fc.Arbitrary<B[K]> },
) =>
  fc
    .tuple(fc.record(required), fc.record(more, optional))
    .map(([one, two]) => ({ ...one, ...two }) as A & Partial<B>);

const change = { leg: fc.nat(3), reason: text };
const target = fc.option(price);
const signal: fc.Arbitrary<Signal> = fc.oneof(
  partly(
    { type: fc.constant('open' as const), side, kind, stopDistance: price, ...change },
    { price, stopLimitPrice: price, tif, expiresAt: instant, takeProfitDistance: price },
  ),
  partly(
    { type: fc.constant('close' as const), ...change },
    { ticket: ids('70', 4), percent: fc.integer({ min: 1, max: 99 }) },
  ),
  fc.record({
    type: fc.constant('closeBy' as const),
    ticket: ids('70', 4),
    byTicket: ids('70', 4),
    ...change,
  }),
  partly({ type: fc.constant('cancel' as const), ...change }, { ticket: ids('9', 20) }),
  partly(
    { type: fc.constant('modifyOrder' as const), ticket: ids('9', 20), ...change },
    { price, stopLimitPrice: price, stopLoss: price, takeProfit: target, tif, expiresAt: instant },
  ),
  partly(
    { type: fc.constant('modifyPosition' as const), ...change },
    { ticket: ids('70', 4), stopLoss: price, takeProfit: target },
  ),
);
const perhaps = fc.option(instant);
const evaluationContext: fc.Arbitrary<EvaluationContext> = fc.record({
  phases: fc.array(fc.record({ name: text, hasTarget: fc.boolean() }), { maxLength: 3 }),
  phaseIndex: fc.nat(2),
  bindings: fc.array(fc.record({ phase: text, login: text, at: instant }), { maxLength: 3 }),
  reachedAt: perhaps,
  metAt: perhaps,
  failure: fc.option(fc.record({ rule: text, at: instant })),
  pause: fc.option(fc.record({ rule: text, until: instant })),
  payouts: fc.nat(9),
  cycleFrom: perhaps,
  payoutDueAt: perhaps,
  fundedAt: perhaps,
  scalings: fc.nat(3),
  scalingEarnedAt: perhaps,
});
const intentBase = {
  intentId: ids('intent-', 8),
  key: ids('key-', 1_000_000),
  strategyId: ids('strategy-', 3),
  symbol,
  at: instant,
  reason: text,
};
const magic = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String);
const ttlMs = fc.nat(60_000);
const risk = fc.constantFrom('reducing', 'increasing');
const intents: { readonly [Type in IntentType]: fc.Arbitrary<Extract<Intent, { type: Type }>> } = {
  open: partly(
    {
      ...intentBase,
      type: fc.constant('open' as const),
      side,
      kind,
      volumeE8: volume,
      price,
      stopLoss: price,
      tif,
      magic,
      ttlMs,
    },
    { takeProfit: price, stopLimitPrice: price, expiresAt: instant },
  ),
  close: fc.record({
    ...intentBase,
    type: fc.constant('close' as const),
    positionTicket: ids('70', 4),
    side,
    volumeE8: volume,
    scope: fc.constantFrom('full', 'partial'),
    magic,
    price,
  }),
  closeBy: fc.record({
    ...intentBase,
    type: fc.constant('closeBy' as const),
    positionTicket: ids('70', 4),
    byTicket: ids('70', 4),
    magic,
    side,
    volumeE8: volume,
    price,
  }),
  cancel: fc.record({
    ...intentBase,
    type: fc.constant('cancel' as const),
    orderTicket: ids('9', 20),
  }),
  modifyOrder: partly(
    {
      ...intentBase,
      type: fc.constant('modifyOrder' as const),
      orderTicket: ids('9', 20),
      price,
      stopLoss: price,
      tif,
      risk,
      ttlMs,
    },
    { stopLimitPrice: price, takeProfit: price, expiresAt: instant },
  ),
  modifyPosition: partly(
    {
      ...intentBase,
      type: fc.constant('modifyPosition' as const),
      positionTicket: ids('70', 4),
      risk,
      ttlMs,
    },
    { stopLoss: price, takeProfit: price },
  ),
};
/** Every type of intent: the compiler asks for a new one here. */
export const anIntent: fc.Arbitrary<Intent> = fc.oneof(
  ...Object.values<fc.Arbitrary<Intent>>(intents),
);
const deal: fc.Arbitrary<Deal> = partly(
  {
    ticket: ids('8', 40),
    orderTicket: ids('9', 20),
    positionTicket: ids('70', 4),
    symbol,
    side,
    entry: fc.constantFrom('in', 'out', 'balance'),
    volumeE8: volume,
    price,
    profit: money,
    commission: money,
    swap: money,
    magic: ids('', 100),
    reason: fc.constantFrom('client', 'expert', 'sl', 'tp', 'stopOut', 'rollover', 'balance'),
    at: instant,
    comment: text,
  },
  { operation: fc.constantFrom(...BALANCE_OPERATIONS) },
);
const venueOrder: fc.Arbitrary<VenueOrder> = fc
  .tuple(
    fc.record({
      ticket: ids('9', 20),
      symbol,
      side,
      kind,
      volumeE8: volume,
      filledE8: volume,
      price,
      tif,
      magic: ids('', 100),
      state: fc.constantFrom('placed', 'partial', 'filled', 'cancelled', 'expired', 'rejected'),
      placedAt: instant,
      comment: text,
    }),
    fc.record(
      {
        stopLimitPrice: price,
        expiresAt: instant,
        stopLoss: price,
        takeProfit: price,
        doneAt: instant,
        positionTicket: ids('70', 4),
      },
      optional,
    ),
  )
  .map(([required, more]) => ({ ...required, ...more }));

const amount = smallMoney.map(String);
const intentId = ids('intent-', 8);
const bodies: { readonly [Kind in EntryKind]: fc.Arbitrary<EntryBody & { readonly kind: Kind }> } =
  {
    'session.started': fc.record({
      kind: fc.constant('session.started'),
      runId: text,
      profile: text,
      ruleSet: text,
      initialMinor: amount,
      currency: fc.constantFrom('USD', 'JPY'),
      currencyDigits: fc.constantFrom(0, 2, 3),
    }),
    'session.ended': fc.record({ kind: fc.constant('session.ended'), runId: text, reason: text }),
    'symbol.known': fc.record({
      kind: fc.constant('symbol.known'),
      symbol,
      digits: fc.constantFrom(0, 2, 5),
    }),
    'signal.raised': fc.record({
      kind: fc.constant('signal.raised'),
      signalId: ids('signal-', 8),
      strategyId: ids('strategy-', 3),
      symbol,
      barAt: instant,
      signal,
    }),
    'order.denied': fc.record({
      kind: fc.constant('order.denied'),
      signalId: ids('signal-', 8),
      intentId,
      strategyId: ids('strategy-', 3),
      symbol,
      code: fc.constantFrom('DAILY_FLOOR', 'NO_STOP'),
      detail: text,
      signal,
    }),
    'intent.planned': fc.record({
      kind: fc.constant('intent.planned'),
      signalId: ids('signal-', 8),
      intent: anIntent,
      reservedMinor: amount,
    }),
    'attempt.sent': partly(
      {
        kind: fc.constant('attempt.sent' as const),
        intentId,
        attempt: fc.integer({ min: 1, max: 3 }),
        epoch: fc.nat(5),
      },
      { levels: partly({ price }, { stopLoss: price, takeProfit: price }) },
    ),
    'attempt.result': fc
      .tuple(
        fc.record({
          kind: fc.constant('attempt.result' as const),
          intentId,
          attempt: fc.integer({ min: 1, max: 3 }),
          outcome: fc.constantFrom(
            'accepted',
            'filled',
            'placed',
            'refused',
            'unknown',
            'absentConfirmed',
          ),
        }),
        fc.record(
          {
            retcode: fc.constantFrom(10_004, 10_008, 10_009),
            orderTicket: ids('9', 20),
            dealTicket: ids('8', 40),
            detail: text,
            fault: fc.constantFrom('Connection', 'Timeout'),
            willRetry: fc.constant(true as const),
          },
          optional,
        ),
      )
      .map(([required, more]) => ({ ...required, ...more })),
    'order.state': fc.record({
      kind: fc.constant('order.state'),
      intentId,
      state: fc.constantFrom('sent', 'accepted', 'filled', 'done', 'refused', 'unknown'),
    }),
    'deal.booked': fc.record({
      kind: fc.constant('deal.booked'),
      intentId: fc.option(intentId),
      deal,
    }),
    'order.seen': fc.record({
      kind: fc.constant('order.seen'),
      intentId: fc.option(intentId),
      order: venueOrder,
    }),
    'account.snapshot': fc.record({
      kind: fc.constant('account.snapshot'),
      balanceMinor: amount,
      equityMinor: amount,
      marginMinor: amount,
      dailyFloorMinor: amount,
      totalFloorMinor: amount,
    }),
    'day.anchored': fc.record({
      kind: fc.constant('day.anchored'),
      day: text,
      anchorMinor: amount,
      source: fc.constantFrom('observed', 'rebuilt', 'initial'),
    }),
    'ledger.saved': fc.record({
      kind: fc.constant('ledger.saved'),
      ledger: text,
      applied: fc.array(ids('8', 40), { maxLength: 3 }),
      appliedSinceMs: instant,
    }),
    'mode.changed': fc.record({
      kind: fc.constant('mode.changed'),
      from: text,
      to: text,
      reason: text,
      holds: fc.array(text, { maxLength: 3 }),
      limits: fc.array(
        fc.record({
          name: fc.constantFrom('daily' as const, 'total' as const),
          detail: text,
          until: instant,
        }),
        { maxLength: 2 },
      ),
    }),
    'flatten.changed': fc.record({
      kind: fc.constant('flatten.changed'),
      from: text,
      to: text,
      reason: text,
    }),
    'evaluation.changed': fc.record({
      kind: fc.constant('evaluation.changed'),
      id: ids('evaluation-', 2),
      ruleSet: text,
      from: text,
      to: fc.constantFrom('inPhase.trading', 'inPhase.paused', 'breached'),
      context: evaluationContext,
    }),
    'strategies.switched': fc.record({
      kind: fc.constant('strategies.switched'),
      disabled: fc.array(text, { maxLength: 3 }),
    }),
    'epoch.claimed': fc.record({
      kind: fc.constant('epoch.claimed'),
      epoch: fc.nat(5),
      instance: text,
    }),
    'recovery.completed': fc.record({
      kind: fc.constant('recovery.completed'),
      hash: text,
      counts: fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), fc.nat(99)),
      actions: fc.array(text, { maxLength: 3 }),
    }),
    event: fc
      .tuple(
        fc.record({
          kind: fc.constant('event' as const),
          severity: fc.constantFrom('info', 'warning', 'error'),
          code: text,
          detail: text,
        }),
        fc.record({ path: text }, optional),
      )
      .map(([required, more]) => ({ ...required, ...more })),
  };

/** Every entry kind, in the order of the table above: the list kept twice is compared by a test. */
export const ARBITRARY_KINDS = Object.keys(bodies) as readonly EntryKind[];
export const anEntry: fc.Arbitrary<Entry> = fc
  .tuple(
    fc.oneof(...Object.values<fc.Arbitrary<EntryBody>>(bodies)),
    fc.constantFrom('account.1', 'account.2'),
    instant,
  )
  .map(([body, accountId, at]) => ({ ...body, accountId, at }));
