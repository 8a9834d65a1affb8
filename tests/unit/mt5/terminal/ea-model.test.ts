import { describe, expect, it } from 'vitest';
import { positionsHash, snapshotHash } from '../../../../src/mt5/wire/snapshot-hash.ts';
import type { Quote } from '../../../support/scripted-market.ts';
import { HOUR, MONDAY, scriptedMarket, ticksOf } from '../../../support/scripted-market.ts';
import { bodiesOf, bodyOf, TerminalBench } from '../../../support/terminal-bench.ts';

const flat: readonly Quote[] = Array.from({ length: 600 }, (_, index) => [index * 1000, 130_000]);
const bench = (quotes: readonly Quote[] = flat, extra: object = {}) =>
  new TerminalBench({ market: scriptedMarket(ticksOf(quotes)), ...extra });
const started = (quotes?: readonly Quote[], extra?: object) => {
  const terminal = bench(quotes, extra).start();
  terminal.advance({ maxTicks: 1 });
  return terminal;
};
const restarted = (terminal: TerminalBench, keep: (type: string) => boolean = () => true) =>
  new TerminalBench({
    market: scriptedMarket(ticksOf(flat)),
    records: terminal.log.filter(({ type }) => keep(type)),
  });

describe('the register', () => {
  it('grants the next epoch, remembers it over a restart, and knows its holder', () => {
    const terminal = bench();
    expect(terminal.hello()).toMatchObject({ highestEpoch: 0, leaseHolder: null, simulated: true });
    expect(terminal.claimWith(0)).toMatchObject({ kind: 'claim.granted', epoch: 1 });
    const again = restarted(terminal);
    expect(again.hello()).toMatchObject({ highestEpoch: 1, leaseHolder: 'runtime-1' });
    expect(again.claimWith(1)).toMatchObject({ kind: 'claim.granted', epoch: 2 });
    expect(again.claimWith(1)).toMatchObject({ reason: 'stale_expected', highestEpoch: 2 });
  });

  it('refuses another instance until the lease lapsed, or the operator shows the token', () => {
    const terminal = started();
    const rival = new TerminalBench({
      market: scriptedMarket(ticksOf(flat)),
      records: terminal.log,
      instance: 'runtime-2',
      model: { takeoverToken: 'secret' },
    });
    rival.hello();
    expect(rival.claimWith(1)).toMatchObject({ reason: 'lease_held', holder: 'runtime-1' });
    expect(rival.claimWith(1, 'wrong')).toMatchObject({ reason: 'lease_held' });
    rival.model.silence(9_999);
    expect(rival.claimWith(1)).toMatchObject({ reason: 'lease_held' });
    rival.model.silence(10_000);
    expect(rival.claimWith(1)).toMatchObject({ kind: 'claim.granted', epoch: 2 });
    const operator = new TerminalBench({
      market: scriptedMarket(ticksOf(flat)),
      records: terminal.log,
      instance: 'runtime-3',
      model: { takeoverToken: 'secret' },
    });
    operator.hello();
    expect(operator.claimWith(1, 'secret')).toMatchObject({ kind: 'claim.granted' });
  });

  it('lets a standby instance neither claim nor trade', () => {
    const terminal = bench();
    terminal.hello('standby');
    expect(terminal.claimWith(0)).toMatchObject({ reason: 'standby' });
    expect(terminal.order()).toMatchObject({ status: 'refused', reason: 'standby' });
  });
});

describe('a command is refused', () => {
  it('with another epoch, another instance, or none', () => {
    const terminal = started();
    for (const claim of [
      { epoch: 2, instance: 'runtime-1' },
      { epoch: 1, instance: 'runtime-2' },
      null,
    ])
      expect(bodyOf(terminal.send(terminal.place(), claim), 'ack').reason).toBe('stale_epoch');
  });

  it('when its time has run out on the EA clock, to the millisecond', () => {
    const terminal = started();
    terminal.advance({ sliceToMs: MONDAY + 5_000 });
    expect(terminal.order({ seenMono: 4_000, ttlMs: 1_000 }).reason).toBe('expired');
    expect(terminal.order({ seenMono: 4_000, ttlMs: 1_001 }).status).toBe('accepted');
  });

  it('without a stop, with an unknown symbol, and with figures that do not fit', () => {
    const terminal = started();
    const reason = (extra: object) => terminal.order(extra).reason;
    expect(reason({ stopLoss: '0' })).toBe('no_stop');
    expect(reason({ symbol: 'GBPUSD' })).toBe('unknown_symbol');
    expect(reason({ stopLoss: '1.290001' })).toBe('malformed');
    expect(reason({ volume: '0' })).toBe('malformed');
    expect(reason({ type: 'stopLimit' })).toBe('malformed');
    expect(reason({ tif: 'specified' })).toBe('malformed');
    expect(terminal.model.engine.state.requests.size).toBe(0);
  });

  it('when it is of a session that is not open here', () => {
    const terminal = bench();
    terminal.model.connect();
    expect(bodyOf(terminal.send({ kind: 'runtime.heartbeat', leaseMs: 1 }), 'error').code).toBe(
      'unknown_session',
    );
  });

  it('when its kind is unknown, and nothing changes', () => {
    const terminal = started();
    const [answer] = terminal.model.unknownKind('order.teleport', 'x7');
    expect(answer).toMatchObject({
      envelope: { re: 'x7' },
      body: { kind: 'error', code: 'unknown_kind', detail: 'order.teleport' },
    });
  });
});

describe('an attempt is executed once', () => {
  it('and repeated while under way or done it is a duplicate', () => {
    const terminal = started();
    expect(terminal.order().status).toBe('accepted');
    expect(terminal.order()).toMatchObject({ status: 'duplicate', result: null });
    const result = bodyOf(terminal.advance()?.frames ?? [], 'result').result;
    expect(result).toMatchObject({
      intent: 'I1',
      attempt: 1,
      retcode: 10009,
      price: '1.30010',
      volume: '1',
    });
    expect(terminal.order()).toMatchObject({ status: 'duplicate', result });
    expect(terminal.model.engine.state.positions.size).toBe(1);
  });

  it('also over a restart between accepting and executing', () => {
    const terminal = started();
    terminal.order();
    const again = restarted(terminal);
    again.start();
    expect(again.order()).toMatchObject({ status: 'duplicate', result: null });
    expect(bodyOf(again.advance()?.frames ?? [], 'result').result.retcode).toBe(10009);
    expect(again.model.engine.state.positions.size).toBe(1);
  });

  it('also when the EA lost its journal: the magic finds it', () => {
    const terminal = started();
    terminal.order();
    const { result } = bodyOf(terminal.advance()?.frames ?? [], 'result');
    const again = restarted(
      terminal,
      (type) => !type.startsWith('ea.') || type === 'ea.advance' || type === 'ea.done',
    );
    again.start();
    const known = again.order({ attempt: 2 });
    expect(known.status).toBe('duplicate');
    expect(known.result).toMatchObject({
      order: result.order,
      deal: result.deal,
      price: result.price,
    });
    expect(again.order({ attempt: 3, intent: 'I9', magic: '281474976710658' }).status).toBe(
      'accepted',
    );
  });

  it('and its result is in the log before it is said', () => {
    const terminal = started();
    terminal.order();
    const sentBefore = terminal.sent.length;
    const frames = terminal.advance({ confirm: false })?.frames ?? [];
    expect(sentBefore).toBe(terminal.sent.length - frames.length);
    expect(terminal.log.some(({ type }) => type === 'ea.executed')).toBe(true);
  });
});

describe('query', () => {
  it('is undecided while the request is on its way, then finds what became of it', () => {
    const terminal = started();
    const ask = (magic: string, intent = 'I1') =>
      bodyOf(
        terminal.send({
          kind: 'query',
          what: 'attempt',
          intent,
          attempt: 1,
          magic,
          symbols: [],
          fromMs: MONDAY,
        }),
        'query.reply',
      );
    terminal.order();
    expect(ask('281474976710657')).toMatchObject({ found: false, complete: false });
    terminal.advance();
    expect(ask('281474976710657')).toMatchObject({
      found: true,
      complete: true,
      result: { retcode: 10009 },
    });
    expect(ask('281474976710657').deals).toHaveLength(1);
    expect(ask('99', 'never')).toMatchObject({ found: false, complete: true, result: null });
  });
});

describe('the snapshot', () => {
  it('holds positions, orders, history and attempts, with the hash over them', () => {
    const terminal = started();
    terminal.order();
    terminal.advance();
    terminal.order({
      intent: 'I2',
      magic: '2',
      type: 'limit',
      price: '1.29500',
      filling: 'return',
    });
    terminal.advance();
    terminal.order({ intent: 'I3', magic: '3' });
    const frames = terminal.send({ kind: 'snapshot.request', snapshotId: 'x', historyFromMs: 0 });
    const part = bodyOf(frames, 'snapshot.part');
    expect(bodyOf(frames, 'snapshot.end')).toMatchObject({
      complete: true,
      hash: snapshotHash(part),
      counts: { positions: 1, orders: 1, historyOrders: 1, deals: 2, symbols: 1 },
    });
    expect(part.results.map(({ intent }) => intent)).toEqual(['I1', 'I2']);
    expect(part.unresolved).toEqual([{ intent: 'I3', attempt: 1 }]);
    const [beat] = terminal.model.heartbeat();
    expect(beat?.body).toMatchObject({
      positionsHash: positionsHash(part.positions),
      queueDepth: 1,
    });
  });
});

describe('flatten', () => {
  it('cancels and closes everything and answers with one result', () => {
    const terminal = started();
    terminal.order();
    terminal.order({
      intent: 'I2',
      magic: '2',
      type: 'limit',
      price: '1.29500',
      filling: 'return',
    });
    terminal.advance();
    const flatten = {
      kind: 'flatten',
      intent: 'F',
      attempt: 1,
      seenMono: 0,
      ttlMs: 1e9,
      reason: 'x',
    } as const;
    expect(bodyOf(terminal.send(flatten), 'ack').status).toBe('accepted');
    const frames = terminal.advance()?.frames ?? [];
    expect(bodiesOf(frames, 'result').map(({ result }) => [result.intent, result.retcode])).toEqual(
      [['F', 10009]],
    );
    expect(bodyOf(frames, 'trade').closedPositions).toHaveLength(1);
    const { orders, positions } = terminal.model.engine.state;
    expect(orders.size + positions.size).toBe(0);
    expect(bodyOf(terminal.send({ ...flatten, intent: 'F2' }), 'ack').status).toBe('accepted');
    const idle = terminal.advance()?.frames ?? [];
    expect(idle.map(({ body }) => body.kind)).toEqual(['result', 'clock.advance']);
    expect(bodyOf(idle, 'result').result).toMatchObject({ intent: 'F2', retcode: 10009 });
  });
});

describe('replies', () => {
  it('carry the id they answer, the session, gapless numbers and the session time', () => {
    const terminal = started();
    terminal.sent.length = 0;
    terminal.order();
    terminal.advance();
    const numbers = terminal.sent.map(({ envelope }) => envelope.seq);
    expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));
    const [ack] = terminal.sent;
    expect(ack?.envelope).toMatchObject({
      session: 's-1',
      ts: { msc: MONDAY, mono: 1, server: MONDAY + 3 * HOUR },
    });
    expect(ack?.envelope.re).toMatch(/^r\d+$/);
  });
});
