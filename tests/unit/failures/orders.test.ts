import { describe, expect, it } from 'vitest';
import { executor } from '../../../src/actors/executor/executor.ts';
import { answerRetry } from '../../../src/actors/guard/guard-retries.ts';
import type { GuardOptions, GuardState } from '../../../src/actors/guard/guard-state.ts';
import type { ExecutorMessage, GuardMessage } from '../../../src/actors/messages.ts';
import type { Intent, ModifyPositionIntent } from '../../../src/domain/intent.ts';
import { epochMs, points } from '../../../src/domain/units.ts';
import { decodeEntry, encodeEntry } from '../../../src/journal/entry-codec.ts';
import type { Entry } from '../../../src/journal/types.ts';
import { RETCODE, type RetcodeName } from '../../../src/mt5/retcodes.ts';
import { dealFromWire, dealToWire } from '../../../src/mt5/wire/domain-codec.ts';
import { type DeskBench, deskBench } from '../../support/desk-bench.ts';
import { closeIntent, deal, entry, openIntent, planned } from '../../support/entries.ts';
import {
  guardOptions,
  guardState,
  NOW,
  OURS,
  opening,
  position,
  positions,
  quote,
  snapshotOf,
} from '../../support/guard-fixtures.ts';
import { fc } from '../../support/property-seed.ts';
import { EURUSD, lots } from '../../support/risk-fixtures.ts';

/** Failures of the order path, one real executor with its journal; the test plays the venue, and the
 * guard's own judgement of retries answers for the guard. */
const LIMITS = { replyTimeoutMs: 5_000, settleMs: 2_000, finalOrders: 100 };
const reconcile = (bench: DeskBench): Promise<void> => {
  const instruments = [{ ...EURUSD, fillingModes: ['fok', 'ioc'] as const }];
  const snapshot = snapshotOf({ instruments });
  return bench.tell('executor', { type: 'recovery.match', snapshot, epoch: 1 });
};
const desk = async (before: readonly Entry[] = []): Promise<DeskBench> => {
  const bench = await deskBench('executor', (deps) => executor(deps, LIMITS), before);
  await reconcile(bench);
  await bench.tell('executor', { type: 'mode.changed', mayOpen: true });
  bench.heard('connection');
  bench.heard('risk-guard');
  return bench;
};
const admit = (bench: DeskBench, intent: Intent): Promise<void> =>
  bench.tell('executor', {
    type: 'intent.admitted',
    raised: opening(),
    signalId: `s-${intent.intentId}`,
    intent,
    reservedMinor: '0',
  } satisfies ExecutorMessage);
const finish = (bench: DeskBench, intentId: string, attempt: number, name: RetcodeName) =>
  bench.tell('executor', {
    type: 'attempt.finished',
    result: { intentId, attempt, retcode: RETCODE[name], orderTicket: null, dealTicket: null },
  } satisfies ExecutorMessage);
/** Commands sent since the last look. */
const sent = (bench: DeskBench) =>
  bench
    .heard('connection')
    .filter((message) => message.type === 'command.send')
    .map((message) => (message as { attempt?: number; body?: unknown }).body);

/** The guard, as far as retries go. */
class Judge {
  state: GuardState;
  readonly options: GuardOptions;
  constructor(state: GuardState, options: GuardOptions = guardOptions()) {
    this.state = state;
    this.options = options;
  }
  async answer(bench: DeskBench): Promise<void> {
    for (const message of bench.heard('risk-guard') as readonly GuardMessage[]) {
      if (message.type !== 'retry.wanted') continue;
      const at = epochMs(bench.clock.now());
      const { state, answer } = answerRetry(this.state, this.options, message.intent, at);
      this.state = state;
      await bench.tell('executor', answer);
    }
  }
}
const pass = async (bench: DeskBench, judge: Judge, ms: number): Promise<void> => {
  bench.clock.advanceTo(bench.clock.now() + ms);
  await bench.system.quiescent();
  await judge.answer(bench);
};

const OPEN = openIntent('i1', {
  at: NOW,
  magic: OURS,
  volumeE8: lots(1),
  price: points(110_010),
  stopLoss: points(109_810),
});
const CLOSE = closeIntent('c1', { at: NOW, side: 'sell', volumeE8: lots(1) });
const TIGHTER: ModifyPositionIntent = {
  type: 'modifyPosition',
  intentId: 'm1',
  key: 'm1',
  strategyId: CLOSE.strategyId,
  symbol: 'EURUSD',
  positionTicket: '7001',
  stopLoss: points(109_900),
  risk: 'reducing',
  ttlMs: 5_000,
  at: NOW,
  reason: 'test',
};
const holding = (): GuardState => guardState({ positions: positions(position('7001')) });
const finals = (bench: DeskBench) =>
  bench.entries('order.state').map((one) => (one.kind === 'order.state' ? one.state : ''));

describe('orders that survive the terminal', () => {
  it('failure 1: a time-out is no refusal; what was executed is found by its magic', async () => {
    const bench = await desk();
    await admit(bench, OPEN);
    expect(sent(bench)).toHaveLength(1);
    await finish(bench, 'i1', 1, 'TIMEOUT');
    await pass(bench, new Judge(guardState()), 60_000);
    expect(sent(bench)).toEqual([]);
    const filled = deal('7', { magic: OURS, volumeE8: lots(1) });
    const evidence = { complete: true, orders: [], deals: [filled], result: null };
    await bench.tell('executor', { type: 'evidence.found', intentId: 'i1', attempt: 1, evidence });
    expect(finals(bench).at(-1)).toBe('filled');
    expect(sent(bench)).toEqual([]);
  });

  it('failure 1: a close that timed out is made again only when no deal of it is there', async () => {
    for (const [deals, end] of [
      [[deal('8', { entry: 'out', side: 'sell', at: NOW, volumeE8: lots(1) })], 'filled'],
      [[], 'sent'],
    ] as const) {
      const bench = await desk();
      const judge = new Judge(holding());
      await admit(bench, CLOSE);
      await finish(bench, 'c1', 1, 'TIMEOUT');
      await pass(bench, judge, LIMITS.settleMs);
      sent(bench);
      const evidence = { complete: true, orders: [], deals, result: null };
      await bench.tell('executor', {
        type: 'evidence.found',
        intentId: 'c1',
        attempt: 1,
        evidence,
      });
      await pass(bench, judge, 1_000);
      expect(finals(bench).at(-1)).toBe(end);
      expect(sent(bench)).toHaveLength(end === 'sent' ? 1 : 0);
    }
  });

  it('failure 1: what a time-out left out is absent only after the settling time, on a new link anew', async () => {
    const bench = await desk();
    await admit(bench, CLOSE);
    await finish(bench, 'c1', 1, 'TIMEOUT');
    // The broker may still be carrying it out: a second part would be closed.
    const evidence = { complete: true, orders: [], deals: [], result: null };
    const answer = async (): Promise<string | undefined> => {
      await bench.tell('executor', {
        type: 'evidence.found',
        intentId: 'c1',
        attempt: 1,
        evidence,
      });
      return finals(bench).at(-1);
    };
    expect(await answer()).toBe('unknown');
    await pass(bench, new Judge(holding()), LIMITS.settleMs - 1);
    expect(await answer()).toBe('unknown');
    await bench.tell('executor', { type: 'link.lost' });
    await reconcile(bench);
    await pass(bench, new Judge(holding()), LIMITS.settleMs - 1);
    expect(await answer()).toBe('unknown');
    await pass(bench, new Judge(holding()), 1);
    expect(await answer()).toBe('waiting');
  });

  it('failure 3: lost, repeated and reordered reports give the same end, and each deal once', async () => {
    const filled = deal('7', { magic: OURS, volumeE8: lots(1), orderTicket: '6' });
    const account = snapshotOf().account;
    const report = {
      account,
      deals: [filled],
      orders: [],
      positions: [],
      closedPositions: [],
    };
    const ack = { kind: 'ack', intent: 'i1', attempt: 1, status: 'accepted' } as const;
    const facts: readonly ExecutorMessage[] = [
      { type: 'attempt.acked', ack: { ...ack, reason: null, result: null } },
      {
        type: 'attempt.finished',
        result: {
          intentId: 'i1',
          attempt: 1,
          retcode: RETCODE.DONE,
          orderTicket: '6',
          dealTicket: '7',
        },
      },
      { type: 'trade.reported', report },
    ];
    // Which of them arrive, in which order and how often.
    const histories = fc.array(fc.nat(facts.length - 1), { maxLength: 7 });
    await fc.assert(
      fc.asyncProperty(histories, async (history) => {
        const bench = await desk();
        await admit(bench, OPEN);
        for (const index of history) {
          const fact = facts[index];
          if (fact !== undefined) await bench.tell('executor', fact);
        }
        const snapshot = snapshotOf({ deals: [filled] });
        await bench.tell('executor', { type: 'recovery.match', snapshot, epoch: 2 });
        expect(finals(bench).at(-1)).toBe('filled');
        expect(bench.entries('deal.booked')).toHaveLength(1);
        expect(sent(bench)).toHaveLength(1);
        await bench.system.shutdown();
      }),
      { numRuns: 12 },
    );
  });

  it('failure 11: wrong filling mode, also on closes', async () => {
    for (const intent of [OPEN, CLOSE]) {
      const bench = await desk();
      const judge = new Judge(holding());
      await admit(bench, intent);
      expect(sent(bench)).toMatchObject([{ filling: 'fok' }]);
      await finish(bench, intent.intentId, 1, 'INVALID_FILL');
      await pass(bench, judge, 0);
      expect(sent(bench)).toMatchObject([{ filling: 'ioc', attempt: 2 }]);
      await finish(bench, intent.intentId, 2, 'INVALID_FILL');
      await pass(bench, judge, 2_000);
      // Once for an opening order; a close goes through all there are, and comes back to the first.
      const again = sent(bench);
      if (intent === OPEN) expect(again).toEqual([]);
      else expect(again).toMatchObject([{ filling: 'fok', attempt: 3 }]);
    }
  });

  it('failure 13: a requote is judged again, and refused when the price has run away', async () => {
    const bench = await desk();
    const judge = new Judge(guardState({ quotes: new Map([['EURUSD', quote(110_100)]]) }));
    await admit(bench, OPEN);
    await finish(bench, 'i1', 1, 'REQUOTE');
    sent(bench);
    await pass(bench, judge, 200);
    expect(sent(bench)).toMatchObject([{ price: '1.10110', stopLoss: '1.09910', attempt: 2 }]);
    await finish(bench, 'i1', 2, 'INVALID_STOPS');
    judge.state = { ...judge.state, gateOpen: false };
    await pass(bench, judge, 400);
    expect(sent(bench)).toEqual([]);
    expect(finals(bench).at(-1)).toBe('refused');
  });

  it('failure 13: what a frozen level refuses to a close is tried until it thaws', async () => {
    const bench = await desk();
    const judge = new Judge(holding());
    await admit(bench, CLOSE);
    for (let attempt = 1; attempt <= 12; attempt += 1) {
      expect(sent(bench)).toMatchObject([{ kind: 'position.close', attempt }]);
      await finish(bench, 'c1', attempt, 'FROZEN');
      await pass(bench, judge, 30_000);
    }
    expect(sent(bench)).toMatchObject([{ attempt: 13 }]);
  });

  it('failure 13: a tighter stop that is too close is tried until the market lets it', async () => {
    const bench = await desk();
    const judge = new Judge(holding());
    await admit(bench, TIGHTER);
    for (let attempt = 1; attempt <= 12; attempt += 1) {
      expect(sent(bench)).toMatchObject([{ kind: 'position.modify', attempt }]);
      await finish(bench, 'm1', attempt, 'INVALID_STOPS');
      await pass(bench, judge, 300_000);
    }
    expect(sent(bench)).toMatchObject([{ attempt: 13 }]);
    await finish(bench, 'm1', 13, 'DONE');
    expect(finals(bench).at(-1)).toBe('done');
  });

  it('failure 13: a tighter stop is given up when its position is gone, and when later levels replace it', async () => {
    const later = { ...TIGHTER, intentId: 'm2', key: 'm2', stopLoss: points(109_950) };
    const denials = (bench: DeskBench) =>
      bench.entries('event').map((one) => (one.kind === 'event' ? one.detail : ''));
    const gone = await desk();
    await admit(gone, TIGHTER);
    await finish(gone, 'm1', 1, 'INVALID_STOPS');
    sent(gone);
    await pass(gone, new Judge(guardState()), 1_000);
    expect(sent(gone)).toEqual([]);
    expect(finals(gone).at(-1)).toBe('refused');
    expect(denials(gone).join()).toContain('UNKNOWN_TICKET');
    const replaced = await desk();
    await admit(replaced, TIGHTER);
    await finish(replaced, 'm1', 1, 'INVALID_STOPS');
    await admit(replaced, later);
    await finish(replaced, 'm2', 1, 'DONE');
    sent(replaced);
    await pass(replaced, new Judge(holding()), 1_000);
    expect(sent(replaced)).toEqual([]);
    expect(finals(replaced).at(-1)).toBe('refused');
    expect(denials(replaced).join()).toContain('REPLACED');
  });

  it('failure 13: a tighter stop that a later one replaced stays replaced over a restart', async () => {
    const later = { ...TIGHTER, intentId: 'm2', key: 'm2', stopLoss: points(109_950) };
    const sentOf = (intentId: string) =>
      ({ kind: 'attempt.sent', intentId, attempt: 1, epoch: 1 }) as const;
    const done = { kind: 'order.state', intentId: 'm2', state: 'done' } as const;
    const bodies = [planned(TIGHTER), sentOf('m1'), planned(later), sentOf('m2'), done];
    const bench = await desk(bodies.map((body) => entry(body, 0, 'acc')));
    const evidence = { complete: true, orders: [], deals: [], result: null };
    const judge = new Judge(holding());
    await pass(bench, judge, LIMITS.settleMs);
    await bench.tell('executor', { type: 'evidence.found', intentId: 'm1', attempt: 1, evidence });
    expect(finals(bench).at(-1)).toBe('waiting');
    await pass(bench, judge, 60_000);
    expect(sent(bench)).toEqual([]);
    expect(finals(bench).at(-1)).toBe('refused');
  });

  it('failure 14: tickets and magics above 2^53 reach journal, wire and executor undamaged', async () => {
    const ticket = '18446744073709551615';
    const magic = '9223372036854775807';
    const bench = await desk();
    await admit(bench, { ...OPEN, magic });
    expect(sent(bench)).toMatchObject([{ magic }]);
    const filled = deal(ticket, { magic, orderTicket: ticket, positionTicket: ticket });
    const units = { digitsOf: () => 5, currencyDigits: 2 };
    expect(dealFromWire(dealToWire(filled, units), units)).toEqual({ ok: true, value: filled });
    const orders = { account: snapshotOf().account, orders: [], positions: [] };
    const report = { ...orders, deals: [filled], closedPositions: [] };
    await bench.tell('executor', { type: 'trade.reported', report });
    expect(bench.entries('deal.booked')).toMatchObject([{ intentId: 'i1', deal: filled }]);
    const close = closeIntent('c9', { positionTicket: ticket, magic });
    const { atMs, accountId, ...row } = encodeEntry(entry(planned(close)));
    const stored = decodeEntry({ ...row, at_ms: atMs, account_id: accountId, seq: 1 });
    expect(stored).toMatchObject({ intent: { positionTicket: ticket, magic } });
    await admit(bench, { ...close, at: NOW });
    expect(sent(bench)).toMatchObject([{ ticket }]);
  });

  it('failure 15: an order that is requoted for ever costs six requests, and no more', async () => {
    const bench = await desk();
    const judge = new Judge(guardState());
    await admit(bench, { ...OPEN, ttlMs: 600_000 });
    let requests = 0;
    for (let attempt = 1; attempt < 50; attempt += 1) {
      requests += sent(bench).length;
      await finish(bench, 'i1', attempt, 'REQUOTE');
      await pass(bench, judge, 5_000);
    }
    expect(requests).toBe(6);
    expect(finals(bench).at(-1)).toBe('refused');
  });

  it('failure 15: "too many requests" is answered with silence first', async () => {
    const bench = await desk();
    const judge = new Judge(holding());
    await admit(bench, CLOSE);
    await finish(bench, 'c1', 1, 'TOO_MANY_REQUESTS');
    sent(bench);
    await pass(bench, judge, 9_999);
    expect(sent(bench)).toEqual([]);
    await pass(bench, judge, 1);
    expect(sent(bench)).toHaveLength(1);
  });

  it('failure 15: nothing is sent into a closed session; the close waits for Monday', async () => {
    const bench = await desk();
    const opensAt = NOW + 2 * 86_400_000;
    const judge = new Judge(holding(), guardOptions({ isOpen: (_, at) => at >= opensAt }));
    await admit(bench, CLOSE);
    await admit(bench, OPEN);
    for (const id of ['c1', 'i1']) await finish(bench, id, 1, 'MARKET_CLOSED');
    sent(bench);
    await pass(bench, judge, 1_000);
    for (let hour = 0; hour < 47; hour += 1) await pass(bench, judge, 3_600_000);
    expect(sent(bench)).toEqual([]);
    expect(finals(bench)).toContain('expired');
    await pass(bench, judge, 3_600_000);
    expect(sent(bench)).toMatchObject([{ kind: 'position.close', attempt: 2 }]);
  });
});
