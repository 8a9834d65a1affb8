import { describe, expect, it } from 'vitest';
import { epochMs } from '../../../../src/domain/units.ts';
import type { Engine } from '../../../../src/mt5/terminal/engine/engine.ts';
import { loadMarket } from '../../../../src/mt5/terminal/market/load-market.ts';
import type { RuntimeMessageOf } from '../../../../src/mt5/wire/messages.ts';
import { decodeTicks } from '../../../../src/mt5/wire/tick-batch.ts';
import type { Quote } from '../../../support/scripted-market.ts';
import { MONDAY, scriptedMarket, ticksOf } from '../../../support/scripted-market.ts';
import { bodiesOf, bodyOf, TerminalBench } from '../../../support/terminal-bench.ts';

const SECOND = 1000;
const quotes: readonly Quote[] = Array.from({ length: 600 }, (_, index) => [
  index * SECOND,
  130_000,
]);
const bench = (extra: object = {}, ticks: readonly Quote[] = quotes) => {
  const terminal = new TerminalBench({ market: scriptedMarket(ticksOf(ticks)), ...extra }).start();
  terminal.advance({ maxTicks: 1 });
  return terminal;
};
const ask = (
  terminal: TerminalBench,
  what: RuntimeMessageOf<'query'>['what'],
  symbols: string[] = [],
) =>
  bodyOf(
    terminal.send({
      kind: 'query',
      what,
      intent: null,
      attempt: null,
      magic: null,
      symbols,
      fromMs: 0,
    }),
    'query.reply',
  );

describe('a query', () => {
  it('reads account, positions, orders and deals', () => {
    const terminal = bench();
    terminal.order();
    terminal.order({ intent: 'I2', magic: '2', type: 'limit', price: '1.29500' });
    terminal.advance();
    terminal.advance();
    expect(ask(terminal, 'account')).toMatchObject({ account: { login: '5012345' }, orders: [] });
    expect(ask(terminal, 'positions').positions).toHaveLength(1);
    expect(ask(terminal, 'orders').orders.map(({ state }) => state)).toEqual(['placed', 'filled']);
    expect(ask(terminal, 'deals').deals.map(({ entry }) => entry)).toEqual(['balance', 'in']);
  });

  it('reads specifications and trading hours of the named symbols', () => {
    const terminal = bench();
    expect(ask(terminal, 'symbols', ['EURUSD']).symbols).toHaveLength(1);
    expect(ask(terminal, 'symbols', ['EURUSD.r'])).toMatchObject({ found: false, symbols: [] });
    expect(ask(terminal, 'sessions').sessions).toMatchObject([{ symbol: 'EURUSD', open: true }]);
  });

  it('is answered in chunks, each complete in itself', () => {
    const terminal = bench();
    for (let index = 0; index < 1_100; index += 1)
      (terminal.model.engine as Engine).operate('balance', 1n as never, 'x');
    const frames = terminal.send({
      kind: 'query',
      what: 'deals',
      intent: null,
      attempt: null,
      magic: null,
      symbols: [],
      fromMs: 0,
    });
    const replies = bodiesOf(frames, 'query.reply');
    expect(replies.map(({ chunk, last, deals }) => [chunk, last, deals.length])).toEqual([
      [0, false, 1_024],
      [1, true, 77],
    ]);
  });
});

describe('order.check', () => {
  const check = (terminal: TerminalBench, extra: object = {}) => {
    const { intent, attempt, seenMono, ttlMs, kind, ...order } = terminal.place(extra);
    return bodyOf(terminal.send({ kind: 'order.check', ...order }), 'order.checked');
  };

  it('says yes with the margin it would take, and places nothing', () => {
    const terminal = bench();
    expect(check(terminal)).toMatchObject({
      retcode: 0,
      equity: '100000.00',
      margin: '1300.10',
      marginFree: '98699.90',
    });
    expect(terminal.model.engine.state.requests.size).toBe(0);
  });

  it('says what the broker would refuse', () => {
    const terminal = bench();
    expect(check(terminal, { volume: '0.001' }).retcode).toBe(10014);
    expect(check(terminal, { stopLoss: '1.30500' }).retcode).toBe(10016);
    expect(check(terminal, { volume: '99' }).retcode).toBe(10019);
    expect(check(terminal, { symbol: 'XYZ' })).toMatchObject({
      retcode: 10013,
      comment: 'unknown_symbol',
    });
  });
});

describe('position.closeBy', () => {
  it('closes two opposite positions by each other', () => {
    const terminal = bench();
    terminal.order();
    terminal.order({ intent: 'I2', magic: '2', side: 'sell', stopLoss: '1.31000' });
    terminal.advance();
    const [ticket = '', byTicket = ''] = ask(terminal, 'positions').positions.map((p) => p.ticket);
    const command = { intent: 'C1', attempt: 1, seenMono: 0, ttlMs: 1e9, ticket, byTicket };
    const ack = bodyOf(terminal.send({ kind: 'position.closeBy', ...command }), 'ack');
    expect(ack.status).toBe('accepted');
    terminal.advance();
    expect(ask(terminal, 'positions').positions).toEqual([]);
  });
});

describe('history of ticks', () => {
  const ticks = (frames: ReturnType<TerminalBench['send']>) =>
    frames.flatMap(({ attachment }) => {
      if (attachment === undefined) return [];
      const decoded = decodeTicks(attachment);
      if (!decoded.ok) throw new Error(decoded.reason);
      return decoded.ticks.map(({ at }) => at - MONDAY);
    });
  const request = (fromMs: number, toMs: number, count: number) =>
    ({
      kind: 'ticks.request',
      symbol: 'EURUSD',
      count,
      fromMs: MONDAY + fromMs,
      toMs: MONDAY + toMs,
    }) as const;

  it('is announced as busy and holds the range, and the market goes on where it was', () => {
    const terminal = bench();
    terminal.advance({ maxTicks: 100 });
    const frames = terminal.send(request(5_000, 9_000, 100));
    expect(frames.map(({ body }) => body.kind)).toEqual(['busy', 'ticks.history', 'ready']);
    expect(ticks(frames)).toEqual([5_000, 6_000, 7_000, 8_000]);
    const before = terminal.model.now;
    expect(terminal.advance({ maxTicks: 1 })?.ticks[0]?.at).toBe(before + SECOND);
  });

  it('never cuts a millisecond, and says where to go on', () => {
    const twins: readonly Quote[] = [
      [0, 130_000],
      [1_000, 130_001],
      [2_000, 130_002],
      [2_000, 130_003],
      [3_000, 130_004],
      [9_000, 130_004],
    ];
    const terminal = bench({}, twins);
    terminal.advance();
    const first = terminal.send(request(0, 9_000, 3));
    expect(ticks(first)).toEqual([0, 1_000, 2_000, 2_000]);
    expect(bodyOf(first, 'ticks.history')).toMatchObject({ last: true, nextMs: MONDAY + 3_000 });
    const rest = terminal.send(request(3_000, 9_000, 3));
    expect(ticks(rest)).toEqual([3_000]);
    expect(bodyOf(rest, 'ticks.history').nextMs).toBeNull();
  });
});

describe('history of bars', () => {
  it('of a range is resumed from where it stopped, and then equals the whole', async () => {
    const startMs = epochMs(MONDAY);
    const market = await loadMarket(
      { kind: 'synthetic', seed: 3, symbols: ['EURUSD'], startMs, serverTz: 'ny+7' },
      { accountCurrency: 'USD' },
    );
    const terminal = new TerminalBench({ market }).start();
    for (let step = 0; step < 90; step += 1) terminal.advance();
    const load = (fromMs: number | null, count: number) =>
      bodyOf(
        terminal.send({
          kind: 'history.request',
          symbol: 'EURUSD',
          timeframe: 'M1',
          count,
          fromMs,
          toMs: terminal.model.now,
        }),
        'history',
      );
    const whole = load(MONDAY, 1_000);
    expect(whole.bars.length).toBeGreaterThan(60);
    expect(whole).toMatchObject({ last: true, nextMs: null });
    const pieces: (typeof whole.bars)[number][] = [];
    let fromMs: number | null = MONDAY;
    while (fromMs !== null) {
      const piece = load(fromMs, 25);
      pieces.push(...piece.bars);
      fromMs = piece.nextMs;
    }
    expect(pieces).toEqual(whole.bars);
    expect(load(null, 10).bars).toEqual(whole.bars.slice(-10));
  });
});

describe('the calendar', () => {
  const event = (id: string, currency: string, atMs: number) => ({
    id,
    name: 'CPI y/y',
    currency,
    importance: 'high' as const,
    atMs,
    dayOnly: false,
    actual: null,
    forecast: '2.1',
    previous: '2.0',
  });
  const request = {
    kind: 'calendar.request',
    currencies: ['EUR'],
    fromMs: MONDAY,
    toMs: MONDAY + SECOND,
  } as const;

  it('lists the releases of a range and of the named currencies', () => {
    const calendar = [
      event('1', 'EUR', MONDAY),
      event('2', 'USD', MONDAY),
      event('3', 'EUR', MONDAY + SECOND),
    ];
    const answer = bodyOf(bench({ model: { calendar } }).send(request), 'calendar');
    expect(answer).toMatchObject({ available: true, last: true });
    expect(answer.events.map(({ id }) => id)).toEqual(['1']);
  });

  it('says that there is none where the terminal has none', () => {
    expect(bodyOf(bench().send(request), 'calendar')).toMatchObject({
      available: false,
      events: [],
    });
  });
});

describe('the trace of a command', () => {
  it('comes back with its ack and with its result', () => {
    const terminal = bench();
    const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const frame = terminal.frame(terminal.place());
    const acked = terminal.model.receive({ ...frame, envelope: { ...frame.envelope, trace } });
    expect(acked.map(({ envelope }) => envelope.trace)).toEqual([trace]);
    const frames = terminal.advance()?.frames ?? [];
    const result = frames.find(({ body }) => body.kind === 'result');
    expect(result?.envelope.trace).toBe(trace);
  });
});

describe('a heartbeat of a controller that was overtaken', () => {
  it('is told so', () => {
    const terminal = bench();
    const beat = { kind: 'runtime.heartbeat', leaseMs: 10_000 } as const;
    expect(terminal.send(beat)).toEqual([]);
    const told = terminal.send(beat, { epoch: 0, instance: 'runtime-0' });
    expect(bodyOf(told, 'error').code).toBe('stale_epoch');
  });
});
