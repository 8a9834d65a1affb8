import { describe, expect, it } from 'vitest';
import type { Quote } from '../../../support/scripted-market.ts';
import { HOUR, MONDAY, scriptedMarket, ticksOf } from '../../../support/scripted-market.ts';
import { bodyOf, TerminalBench } from '../../../support/terminal-bench.ts';

const flat: readonly Quote[] = Array.from({ length: 600 }, (_, index) => [index * 1000, 130_000]);
const bench = (quotes: readonly Quote[] = flat, extra: object = {}) =>
  new TerminalBench({ market: scriptedMarket(ticksOf(quotes)), ...extra });
const started = (quotes?: readonly Quote[], extra?: object) => {
  const terminal = bench(quotes, extra).start();
  terminal.advance({ maxTicks: 1 });
  return terminal;
};
describe('the guard', () => {
  const falling: readonly Quote[] = [
    [0, 130_000],
    [1000, 130_000],
    [2000, 125_100],
    [3000, 124_900],
    [4000, 124_900],
    [9000, 124_900],
  ];
  const far = { stopLoss: '1.20000' };

  it('trips on the tick that reaches the floor, closes everything and blocks openings', () => {
    const terminal = started(falling);
    terminal.guard();
    terminal.order(far);
    terminal.order({
      ...far,
      intent: 'I2',
      magic: '2',
      type: 'limit',
      price: '1.20500',
      filling: 'return',
    });
    terminal.advance();
    const trip = terminal.advance();
    expect(trip).toMatchObject({ why: 'equity', toMs: MONDAY + 3000 });
    expect(bodyOf(trip?.frames ?? [], 'guard.tripped')).toEqual({
      kind: 'guard.tripped',
      equity: '94886.50',
      floor: '95000.00',
      atMs: MONDAY + 3000,
    });
    expect(terminal.order({ intent: 'I3', magic: '3' }).reason).toBe('floor');
    expect(terminal.advance()).toMatchObject({ why: 'account', toMs: MONDAY + 3250 });
    expect(
      terminal.model.engine.state.positions.size + terminal.model.engine.state.orders.size,
    ).toBe(0);
  });

  it('stays tripped over a restart, and until floors come that equity is clear of', () => {
    const terminal = started(falling);
    terminal.guard();
    terminal.order(far);
    while (terminal.state.ea.trip === null) terminal.advance();
    terminal.advance();
    terminal.guard();
    expect(terminal.order({ intent: 'I3', magic: '3' }).reason).toBe('floor');
    const again = new TerminalBench({
      market: scriptedMarket(ticksOf(falling)),
      records: terminal.log,
    });
    again.start();
    expect(again.order({ intent: 'I3', magic: '3' }).reason).toBe('floor');
    again.guard({ anchor: '94000.00' });
    expect(again.order({ intent: 'I3', magic: '3', stopLoss: '1.24000' }).status).toBe('accepted');
  });

  it('re-anchors at a reset, and takes the higher anchor when its resets are stale', () => {
    const terminal = started();
    terminal.guard({ anchor: '99000.00', resetsMs: [MONDAY + 5_000, MONDAY + 3 * HOUR] });
    terminal.advance({ sliceToMs: MONDAY + 4_999 });
    expect(terminal.state.ea.guard?.anchorMinor).toBe(9_900_000n);
    terminal.advance({ sliceToMs: MONDAY + 5_000 });
    expect(terminal.state.ea.guard).toMatchObject({
      anchorMinor: 10_000_000n,
      resetsMs: [MONDAY + 3 * HOUR],
    });
    terminal.guard({ anchor: '98000.00', resetsMs: [MONDAY + 1_000] });
    expect(terminal.state.ea.guard?.anchorMinor).toBe(10_000_000n);
  });

  it('lets a stop be tightened after a trip, and widens nothing', () => {
    const terminal = started();
    terminal.order();
    terminal.advance();
    const [ticket = ''] = terminal.model.engine.state.positions.keys();
    terminal.guard({ anchor: '120000.00' });
    terminal.advance();
    expect(terminal.state.ea.trip).not.toBeNull();
    const move = (intent: string, stopLoss: string | null) =>
      bodyOf(
        terminal.send({
          kind: 'position.modify',
          ...{ intent, attempt: 1, seenMono: 0, ttlMs: 1_000_000_000 },
          ...{ ticket, stopLoss, takeProfit: null },
        }),
        'ack',
      );
    expect(move('M1', '1.28000')).toMatchObject({ status: 'refused', reason: 'floor' });
    expect(move('M2', null)).toMatchObject({ status: 'refused', reason: 'floor' });
    expect(move('M3', '1.29500')).toMatchObject({ status: 'accepted' });
  });

  it('obeys only the holder', () => {
    const terminal = started();
    const frames = terminal.send(
      {
        kind: 'guard',
        dailyAmount: '1.00',
        anchor: '1.00',
        ratchet: 'none',
        totalFloor: '1.00',
        buffer: '0.00',
        resetsMs: [],
        deadMan: { policy: 'none', afterMs: 1 },
      },
      { epoch: 9, instance: 'runtime-9' },
    );
    expect(bodyOf(frames, 'error').code).toBe('stale_epoch');
    expect(terminal.state.ea.guard).toBeNull();
  });
});

describe('silence of the runtime', () => {
  const withPosition = (policy: 'none' | 'tighten' | 'flatten', extra?: object) => {
    const terminal = started(flat, extra);
    terminal.guard({ deadMan: { policy, afterMs: 20_000 } });
    terminal.order();
    terminal.advance();
    return terminal;
  };

  it('lapses the lease; the holder that speaks again has it back', () => {
    const terminal = withPosition('none');
    terminal.model.silence(10_000);
    expect(terminal.state.ea.lapsed).toBe(true);
    terminal.send({ kind: 'runtime.heartbeat', leaseMs: 15_000 });
    expect(terminal.state.ea).toMatchObject({ lapsed: false, leaseMs: 15_000 });
  });

  it('flattens after the dead-man bound, once, and tells whoever comes back, once', () => {
    const terminal = withPosition('flatten');
    terminal.model.silence(19_999);
    expect(terminal.model.engine.state.requests.size).toBe(0);
    terminal.model.silence(20_000);
    terminal.model.silence(21_000);
    expect(terminal.model.engine.state.requests.size).toBe(1);
    const beat = () => terminal.send({ kind: 'runtime.heartbeat', leaseMs: 10_000 });
    expect(bodyOf(beat(), 'notice')).toMatchObject({ code: 'deadMan.acted', severity: 'error' });
    expect(beat()).toEqual([]);
    terminal.advance();
    expect(terminal.model.engine.state.positions.size).toBe(0);
  });

  it('goes on flattening until the account is flat, whatever the broker refused first', () => {
    let isOpen = true;
    const market = scriptedMarket(ticksOf(flat), { isOpen: () => isOpen });
    const terminal = withPosition('flatten', { market });
    const { state } = terminal.model.engine;
    const runTo = (afterMs: number): void => {
      while (terminal.model.now < MONDAY + afterMs)
        terminal.model.runFree({ sliceToMs: MONDAY + afterMs, maxTicks: 1_000 });
    };
    terminal.model.silence(20_000);
    expect(state.requests.size).toBe(1);
    isOpen = false;
    runTo(60_000);
    expect(state.requests.size).toBe(0);
    expect(state.positions.size).toBe(1);
    isOpen = true;
    runTo(120_000);
    expect(state.positions.size).toBe(0);
  });

  it('tightens stops half-way when that is the policy', () => {
    const terminal = withPosition('tighten');
    terminal.model.silence(20_000);
    terminal.advance();
    const [position] = terminal.model.engine.state.positions.values();
    expect(position?.stopLoss).toBe(129_500);
  });
});
