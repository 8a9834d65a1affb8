import type { Instrument } from '../../domain/instrument.ts';
import type { EaMessageOf } from '../../mt5/wire/messages.ts';
import { endAssembly } from '../../mt5/wire/snapshot-parts.ts';
import { recordsToUtc } from '../../mt5/wire/time-base.ts';
import type { RecoveryMessage } from '../messages.ts';
import type { ConnectionState, ConnectionTurn } from './connection-state.ts';
import { snapshotFromWire } from './venue-frames.ts';

/** The terminal has told everything: recovery gets it whole, or learns why it cannot. */
export const finishSnapshot = (
  state: ConnectionState,
  body: EaMessageOf<'snapshot.end'>,
  gmtMs: number | null,
  turn: ConnectionTurn,
): ConnectionState => {
  const { context, deps, options } = turn;
  // A check may only be compared with what everybody has been told: while an instant is being worked
  // through, or its facts wait, the terminal is ahead of us. The next check comes soon.
  if (state.chart.hasTag('mayTrade') && isAhead(state)) return { ...state, assembly: null };
  const recovery = context.ref<RecoveryMessage>(deps.paths.recovery);
  const assembled = state.assembly === null ? undefined : endAssembly(state.assembly, body);
  if (assembled === undefined || !assembled.ok || !assembled.snapshot.complete) {
    const reason = assembled?.ok === false ? assembled.detail : 'the terminal could not prove it';
    recovery.send({ type: 'snapshot.failed', reason });
    return { ...state, assembly: null };
  }
  const isServerTime = state.session?.hello.timeBase === 'server';
  const told = isServerTime ? recordsToUtc(assembled.snapshot, options.zone) : assembled.snapshot;
  const snapshot = snapshotFromWire(told, assembled.hash);
  const hello = state.session?.hello;
  const isClocked = hello?.clock === null && !hello.simulated && gmtMs !== null;
  const skewMs = isClocked ? gmtMs - deps.wall.now() : undefined;
  const timed = skewMs === undefined ? snapshot : { ...snapshot, skewMs };
  recovery.send({ type: 'snapshot.assembled', snapshot: timed });
  return { ...knowInstruments(state, snapshot.instruments, turn), assembly: null };
};

const isAhead = ({ settling, facts, free }: ConnectionState): boolean =>
  settling || facts.length > 0 || free.running || free.queue.length > 0;

/** Takes the venue's specifications over and tells of what changed, or is not there at all. */
export const knowInstruments = (
  state: ConnectionState,
  specs: readonly Instrument[],
  turn: ConnectionTurn,
): ConnectionState => {
  const instruments = new Map(specs.map((spec) => [spec.symbol, spec]));
  for (const change of specChanges(state.instruments, instruments)) {
    turn.options.onEvent({ code: 'link.symbolChanged', detail: change, severity: 'warning' });
  }
  const isFirst = state.instruments.size === 0;
  for (const { symbol } of turn.options.subscriptions) {
    if (instruments.has(symbol) || !(isFirst || state.instruments.has(symbol))) continue;
    const meant = [...instruments.keys()].filter((name) => sameBase(name, symbol));
    const hint = meant.length === 0 ? 'nothing of that name' : meant.join(', ');
    const detail = `${symbol} is not at this broker, which has ${hint}; its strategy does not run`;
    turn.options.onEvent({ code: 'link.symbolMissing', detail, severity: 'error' });
  }
  return { ...state, instruments };
};

/** Brokers put something before or after a symbol's name: EURUSD.r, mEURUSD, US100.cash. */
const sameBase = (name: string, symbol: string): boolean => {
  const [left, right] = [name, symbol].map((text) => text.toUpperCase());
  return (
    left !== undefined && right !== undefined && (left.includes(right) || right.includes(left))
  );
};

/** Sentences about figures that differ, leaving out what was not known before. */
export const specChanges = (
  before: ReadonlyMap<string, Instrument>,
  now: ReadonlyMap<string, Instrument>,
): readonly string[] =>
  [...now.values()].flatMap((spec) => {
    const old = before.get(spec.symbol);
    if (old === undefined) return [];
    const fields = Object.keys(spec) as (keyof Instrument)[];
    return fields
      .filter((field) => shown(old[field]) !== shown(spec[field]))
      .map((field) => `${spec.symbol}: ${field} ${shown(old[field])} → ${shown(spec[field])}`);
  });

const shown = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'bigint' ? inner.toString() : inner,
  ).slice(0, 200);
