import { epochMs, lotsE8, points } from '../../src/domain/units.ts';
import type { BreakerEvent, BreakerLimits } from '../../src/machines/breaker.machine.ts';
import type { EvaluationEvent } from '../../src/machines/evaluation.events.ts';
import type { FlattenEvent } from '../../src/machines/flatten.machine.ts';
import type { LinkEvent, LinkLimits } from '../../src/machines/link.machine.ts';
import type { OrderEvent, OrderFilled } from '../../src/machines/order.events.ts';
import type { RecoveryEvent } from '../../src/machines/recovery.machine.ts';
import type { TradingModeEvent } from '../../src/machines/trading-mode.machine.ts';
import { fc } from './property-seed.ts';

/** Every event of every chart, with fields that its guards can tell apart. */
export const VOLUME = 100;

export const fill = (dealTicket: string, volume = VOLUME): OrderFilled => ({
  type: 'order.filled',
  orderTicket: '11',
  dealTicket,
  positionTicket: '11',
  price: points(110_000),
  volumeE8: lotsE8(volume),
  at: epochMs(0),
});

export const orderEvent: fc.Arbitrary<OrderEvent> = fc.oneof(
  fc.constantFrom<OrderEvent[]>(
    { type: 'verdict.accepted' },
    { type: 'verdict.denied' },
    { type: 'intent.journalled' },
    { type: 'journal.failed' },
    { type: 'ack.accepted' },
    { type: 'ack.refused' },
    { type: 'ack.unknown' },
    { type: 'reply.timedOut' },
    { type: 'link.lost' },
    { type: 'result.ambiguous' },
    { type: 'result.refused' },
    { type: 'order.placed', orderTicket: '11' },
    { type: 'order.triggered' },
    { type: 'order.cancelled' },
    { type: 'order.expired' },
    { type: 'change.made' },
    { type: 'result.retryable' },
    { type: 'retry.granted' },
    { type: 'retry.denied' },
    { type: 'retry.expired' },
    { type: 'modify.sent' },
    { type: 'cancel.sent' },
    { type: 'request.made' },
    { type: 'request.refused' },
    { type: 'request.lost' },
  ),
  fc.boolean().map((mayRetry): OrderEvent => ({ type: 'absence.confirmed', mayRetry })),
  fc.boolean().map((mayRetry): OrderEvent => ({ type: 'attempt.unsent', mayRetry })),
  fc.integer({ min: 1, max: 3 }).map((attempt): OrderEvent => ({ type: 'attempt.sent', attempt })),
  fc
    .tuple(fc.constantFrom('d1', 'd2', 'd3'), fc.constantFrom(30, 50, VOLUME))
    .map(([ticket, volume]) => fill(ticket, volume)),
);

export const LIMITS: LinkLimits = {
  handshakeMs: 10_000,
  suspectMs: 3_000,
  downMs: 5_000,
  backoffInitialMs: 250,
  backoffMaxMs: 10_000,
  busyMaxMs: 30_000,
};

export const linkEvent: fc.Arbitrary<LinkEvent> = fc.constantFrom<LinkEvent[]>(
  { type: 'hello.received', identity: 'a' },
  { type: 'hello.received', identity: 'b' },
  { type: 'claim.granted', epoch: 3 },
  { type: 'claim.refused' },
  { type: 'claim.overtaken' },
  { type: 'terminal.busy', maxMs: 20_000 },
  { type: 'terminal.busy', maxMs: 2_000_000 },
  { type: 'terminal.ready' },
  { type: 'heartbeat.received' },
  { type: 'recovery.completed' },
  { type: 'recovery.restarted' },
  { type: 'peer.disconnected' },
);

const hold = fc.constantFrom('gate', 'link', 'ledger', 'operator: lunch');
const limitName = fc.constantFrom('daily' as const, 'total' as const);

export const modeEvent: fc.Arbitrary<TradingModeEvent> = fc.oneof(
  limitName.map((name): TradingModeEvent => {
    const limit = { name, detail: `the ${name} limit`, until: epochMs(1_000) };
    return { type: 'limit.reached', limit };
  }),
  limitName.map((name): TradingModeEvent => ({ type: 'limit.lifted', name })),
  hold.map((name): TradingModeEvent => ({ type: 'hold.raised', hold: name })),
  hold.map((name): TradingModeEvent => ({ type: 'hold.cleared', hold: name })),
  fc.constantFrom<TradingModeEvent[]>(
    { type: 'headroom.thin' },
    { type: 'headroom.restored' },
    { type: 'floor.reached' },
    { type: 'account.failed', reason: 'evaluation: maxDays' },
    { type: 'operator.kill', reason: 'operator: enough' },
    { type: 'operator.rearm', reason: 'operator: calm again' },
  ),
);

export const recoveryEvent: fc.Arbitrary<RecoveryEvent> = fc.oneof(
  fc.constantFrom<RecoveryEvent[]>(
    { type: 'link.claimed' },
    { type: 'link.lost' },
    { type: 'snapshot.failed' },
    { type: 'executor.reconciled' },
    { type: 'reconciliation.notDurable' },
    { type: 'guard.reconciled' },
    { type: 'guard.mismatch' },
    { type: 'snapshot.barred' },
    { type: 'positions.unexplained' },
    { type: 'check.differed' },
  ),
  fc.constantFrom('h1', 'h2').map((hash): RecoveryEvent => ({ type: 'snapshot.assembled', hash })),
);

const instant = fc.integer({ min: 0, max: 9 }).map(epochMs);
export const PHASES = [
  { name: 'challenge', hasTarget: true },
  { name: 'verification', hasTarget: true },
  { name: 'funded', hasTarget: false },
] as const;
export const evaluationEvent: fc.Arbitrary<EvaluationEvent> = fc.oneof(
  fc
    .tuple(fc.constantFrom('operator.start' as const, 'operator.bind' as const), instant)
    .map(([type, at]): EvaluationEvent => ({ type, login: `10${at}`, at })),
  fc
    .tuple(
      fc.constantFrom(
        ...(['objectives.met', 'objectives.reached', 'objectives.lost'] as const),
        ...(['limit.lifted', 'payout.due', 'payout.lost', 'payout.made'] as const),
        'scaling.earned' as const,
      ),
      instant,
    )
    .map(([type, at]): EvaluationEvent => ({ type, at })),
  instant.map((until): EvaluationEvent => ({ type: 'limit.reached', rule: 'daily', until })),
  instant.map((at): EvaluationEvent => ({ type: 'rule.breached', rule: 'total', at })),
);

export const flattenEvent: fc.Arbitrary<FlattenEvent> = fc.constantFrom<FlattenEvent[]>(
  { type: 'flatten.ordered', reason: 'floor' },
  { type: 'flatten.ordered', reason: 'operator: enough' },
  { type: 'flatten.released' },
  { type: 'orders.gone' },
  { type: 'book.emptied' },
  { type: 'book.occupied' },
  { type: 'terminal.shownFlat' },
  { type: 'terminal.shownOpen' },
);

export const BREAKER: BreakerLimits = {
  failures: 3,
  failurePpm: 500_000,
  windowRequests: 8,
  openMs: 60_000,
  openMaxMs: 600_000,
  probes: 2,
};
export const breakerEvent: fc.Arbitrary<BreakerEvent> = fc.constantFrom<BreakerEvent[]>(
  { type: 'request.succeeded' },
  { type: 'request.failed' },
  { type: 'probe.admitted' },
  { type: 'session.reconciled' },
  { type: 'operator.reset' },
);
