import { describe, expect, it } from 'vitest';
import { epochMs } from '../../../../src/domain/units.ts';
import type { TerminalOptions } from '../../../../src/mt5/terminal/options.ts';
import { RuntimeWorld, type WorldOptions } from '../../../support/runtime-world.ts';

type Release = NonNullable<TerminalOptions['calendar']>[number];

const at = (time: string): number => Date.parse(`2024-02-08T${time}Z`);
const release = (time: string, change: Partial<Release> = {}): Release => ({
  ...{ id: '1', name: 'Consumer Price Index', currency: 'USD', importance: 'high' },
  ...{ atMs: at(time), dayOnly: false, actual: null, forecast: null, previous: null },
  ...change,
});

/** Opens at every bar, and holds for long: only what is near keeps it from trading. */
const worldWith = (calendar: readonly Release[] | undefined, more: WorldOptions = {}) =>
  RuntimeWorld.start({
    strategies: [{ symbol: 'EURUSD', every: 1, hold: 0 }],
    spec: (spec) => ({ ...spec, connection: { ...spec.connection, readsCalendar: true } }),
    // FTMO funded: nothing opens two minutes around a release, and nothing is held into one.
    guard: { phase: 'funded', calendar: null, intentTtlMs: 600_000 },
    ...(calendar === undefined ? {} : { terminalOptions: { calendar } }),
    ...more,
  });
const opened = (world: RuntimeWorld): readonly number[] =>
  world.entries('deal.booked').flatMap(({ deal }) => (deal.entry === 'in' ? [deal.at] : []));
const denials = (world: RuntimeWorld): readonly string[] =>
  world.entries('order.denied').map(({ code }) => code);
const standing = (world: RuntimeWorld): readonly string[] =>
  Object.values(world.guard.standing).flatMap((found) => found.map(({ code }) => code));
const until = (world: RuntimeWorld, time: string): Promise<void> =>
  world.play(`${time}`, () => world.runtime.now() >= at(time));

describe("the terminal's calendar", () => {
  it('keeps orders out of a release, and closes what would be held into it', async () => {
    const world = await worldWith([release('02:00:00')]);
    await until(world, '01:30:00');
    expect(opened(world).length).toBeGreaterThan(0);
    await until(world, '01:58:00');
    expect(world.guard.positions).toEqual([]);
    const events = world.entries('event').filter(({ code }) => code === 'position.closing');
    const reasons = world.entries('intent.planned').map(({ intent }) => intent.reason);
    expect([...reasons, ...events.map(({ detail }) => detail)].join()).toContain('before the news');
    await until(world, '02:00:00');
    expect(standing(world)).toContain('NEWS');
    await until(world, '03:00:00');
    expect(standing(world)).not.toContain('NEWS');
    const near = opened(world).filter((ms) => Math.abs(ms - at('02:00:00')) <= 120_000);
    expect(near).toEqual([]);
    expect(opened(world).some((ms) => ms > at('02:05:00'))).toBe(true);
    expect(denials(world)).not.toContain('NEWS_UNKNOWN');
    await world.expectAgreement();
  });

  it.each([
    ['of low impact', { importance: 'moderate' }],
    ['of another currency', { currency: 'JPY' }],
  ] as const)('lets orders pass a release %s', async (_, change) => {
    const world = await worldWith([release('00:30:00', change)]);
    await until(world, '00:30:00');
    expect(standing(world)).toEqual([]);
    expect(denials(world)).toEqual([]);
  });

  it('takes a release of which only the day is known for the whole day', async () => {
    const world = await worldWith([release('00:00:00', { dayOnly: true })]);
    await until(world, '02:00:00');
    expect(standing(world)).toContain('NEWS');
    expect(opened(world)).toEqual([]);
  });

  it('is no calendar where the terminal has none: nothing opens, and it is asked again', async () => {
    const world = await worldWith(undefined);
    await until(world, '00:40:00');
    expect(new Set(denials(world))).toEqual(new Set(['NEWS_UNKNOWN']));
    expect(world.codes().filter((code) => code === 'link.noCalendar').length).toBeGreaterThan(5);
  });

  it('is none that is empty: a terminal that has not loaded it says so', async () => {
    const world = await worldWith([]);
    await until(world, '00:20:00');
    expect(standing(world)).toContain('NEWS_UNKNOWN');
    const said = world.notices.find(({ code }) => code === 'link.noCalendar')?.detail;
    expect(said).toContain('it is empty');
  });

  it('opens the day when an answer comes at last', async () => {
    const world = await worldWith([release('05:00:00')], { tapped: true });
    world.tap.rewrite = (frame) =>
      frame.body.kind === 'calendar'
        ? [{ ...frame, body: { ...frame.body, available: false, events: [] } }]
        : [frame];
    world.tell('connection', { type: 'reconciliation.wanted' });
    await until(world, '00:20:00');
    world.tap.rewrite = (frame) => [frame];
    await world.play('an order', () => opened(world).length > 0);
    expect(world.runtime.now()).toBeLessThan(epochMs(at('01:00:00')));
  });

  it('is read again for a guard that has died', async () => {
    const world = await worldWith([release('05:00:00')]);
    await until(world, '00:20:00');
    await world.crash('risk-guard');
    await world.until('the gate', () => world.guard.gateOpen && world.guard.mode === 'active');
    await until(world, '00:30:00');
    expect(standing(world)).toEqual([]);
    expect(denials(world)).not.toContain('NEWS_UNKNOWN');
  });
});
