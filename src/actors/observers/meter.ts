import type { EpochMs } from '../../domain/units.ts';
import type { Entry } from '../../journal/types.ts';
import { createMetrics, type MetricName, type MetricSet } from '../../telemetry/metrics.ts';
import type { KernelEvent } from '../kernel/types.ts';
import type { AccountStatus } from '../operator/operator-view.ts';
import type { RuntimeSight } from '../runtime.ts';
import type { SpanCounts } from '../tracing/tracer.ts';

/**
 * Counts what happens, and reads gauges when it is asked. It listens from the runtime's start to its
 * end, whatever becomes of those who show its figures.
 */
export interface Meter {
  /** Prometheus' text format. */
  readonly text: () => Promise<string>;
}

/** Intents whose first deal is awaited for the latency; more are forgotten, oldest first. */
const AWAITED = 1_000;
const MODES = ['active', 'reducing', 'halted', 'locked'] as const;
const STRATEGY_STATES = ['enabled', 'warming', 'restarting', 'parked', 'disabled'] as const;

export const openMeter = (
  sight: RuntimeSight,
  about: { readonly version: string; readonly profile: string },
  spans: SpanCounts,
): Meter => {
  const metrics = createMetrics();
  metrics.set('bulwark_info', 1, { ...about });
  const latency = latencyOf(metrics);
  const market = { bars: 0, ticks: 0 };
  sight.system.subscribe((event) => countKernelEvent(metrics, event));
  sight.onEntry((entry) => {
    countEntry(metrics, entry);
    latency(entry);
  });
  const told: SpanCounts = { exported: 0, lost: 0 };
  const advance = (
    name: MetricName,
    from: number,
    to: number,
    labels: Readonly<Record<string, string>> = {},
  ): number => {
    metrics.add(name, labels, Math.max(0, to - from));
    return Math.max(from, to);
  };
  return {
    text: () => {
      const { barsTotal = 0, ticksTotal = 0 } = sight.progress() ?? {};
      market.bars = advance('bulwark_market_bars_total', market.bars, barsTotal);
      market.ticks = advance('bulwark_market_ticks_total', market.ticks, ticksTotal);
      for (const outcome of ['exported', 'lost'] as const) {
        const seen = spans[outcome];
        told[outcome] = advance('bulwark_trace_spans_total', told[outcome], seen, { outcome });
      }
      readGauges(metrics, sight);
      return metrics.text();
    },
  };
};

const countKernelEvent = (metrics: MetricSet, event: KernelEvent): void => {
  switch (event.type) {
    case 'actor.crashed':
      metrics.add('bulwark_actor_crashes_total', { path: event.report.path });
      return;
    case 'actor.started':
      if (event.incarnation > 1) metrics.add('bulwark_actor_restarts_total', { path: event.path });
      return;
    case 'supervisor.exhausted':
      metrics.add('bulwark_supervisor_exhausted_total', {
        path: event.path,
        action: event.action,
      });
      return;
    case 'deadLetter':
      metrics.add('bulwark_dead_letters_total', { why: event.why });
      return;
    default:
      return;
  }
};

const countEntry = (metrics: MetricSet, entry: Entry): void => {
  switch (entry.kind) {
    case 'signal.raised':
      metrics.add('bulwark_signals_total', { strategy: entry.strategyId });
      return;
    case 'order.denied':
      metrics.add('bulwark_denials_total', { code: entry.code });
      return;
    case 'intent.planned':
      metrics.add('bulwark_intents_total', { type: entry.intent.type });
      return;
    case 'order.state':
      metrics.add('bulwark_order_states_total', { state: entry.state });
      return;
    case 'deal.booked': {
      const { symbol, reason } = entry.deal;
      metrics.add('bulwark_deals_total', { symbol, reason });
      return;
    }
    case 'event':
      metrics.add('bulwark_events_total', { severity: entry.severity, code: entry.code });
      return;
    default:
      return;
  }
};

/** Session time from an intent to its first deal. */
const latencyOf = (metrics: MetricSet): ((entry: Entry) => void) => {
  const awaited = new Map<string, { readonly at: EpochMs; readonly type: string }>();
  return (entry) => {
    if (entry.kind === 'intent.planned') {
      awaited.set(entry.intent.intentId, { at: entry.intent.at, type: entry.intent.type });
      const [oldest] = awaited.keys();
      if (awaited.size > AWAITED && oldest !== undefined) awaited.delete(oldest);
    }
    if (entry.kind !== 'deal.booked' || entry.intentId === null) return;
    const intent = awaited.get(entry.intentId);
    if (intent === undefined) return;
    awaited.delete(entry.intentId);
    const seconds = Math.max(0, entry.deal.at - intent.at) / 1_000;
    metrics.observe('bulwark_order_latency_seconds', seconds, { type: intent.type });
  };
};

const readGauges = (metrics: MetricSet, sight: RuntimeSight): void => {
  const status = sight.operator.status();
  metrics.set('bulwark_session_time_seconds', status.at / 1_000);
  metrics.set('bulwark_actors_down', status.troubled.length);
  metrics.clear('bulwark_mailbox_depth');
  for (const { path, mailboxDepth } of sight.system.tree()) {
    metrics.set('bulwark_mailbox_depth', mailboxDepth, { path });
  }
  metrics.clear('bulwark_quote_age_seconds');
  metrics.clear('bulwark_account_hold');
  metrics.clear('bulwark_evaluation_state');
  for (const account of status.accounts) {
    readAccount(metrics, account);
    for (const { symbol, isOpen, quotedAt } of account.symbols) {
      if (!isOpen || quotedAt === null) continue;
      const labels = { account: account.login, symbol };
      metrics.set('bulwark_quote_age_seconds', (status.at - quotedAt) / 1_000, labels);
    }
  }
};

const readAccount = (metrics: MetricSet, status: AccountStatus): void => {
  const { login: account, mode, floors } = status;
  const money = (name: MetricName, text: string | null, labels: Record<string, string>): void => {
    if (text !== null) metrics.set(name, Number(text), labels);
  };
  const flag = (name: MetricName, isSet: boolean): void =>
    metrics.set(name, isSet ? 1 : 0, { account });
  money('bulwark_account_balance', status.balance, { account });
  money('bulwark_account_equity', status.equity, { account });
  for (const floor of ['daily', 'total'] as const) {
    const level = floors?.[floor] ?? null;
    money('bulwark_account_floor', level?.floor ?? null, { account, floor });
    money('bulwark_account_headroom', level?.headroom ?? null, { account, floor });
  }
  readProgress(metrics, status);
  metrics.set('bulwark_account_positions', status.positions.length, { account });
  metrics.set('bulwark_account_reservations', status.reservations, { account });
  for (const name of MODES) {
    metrics.set('bulwark_account_mode', mode.name === name ? 1 : 0, { account, mode: name });
  }
  // An operator's hold carries a reason in words, which is no label.
  for (const hold of new Set(mode.holds.map((text) => text.split(':')[0] ?? text))) {
    metrics.set('bulwark_account_hold', 1, { account, hold });
  }
  flag('bulwark_account_gate_open', status.gateOpen);
  flag('bulwark_link_live', status.link.state.startsWith('live'));
  flag('bulwark_breaker_open', status.breaker?.state === 'open');
  flag('bulwark_flatten_stuck', status.flatten.state === 'stuck');
  for (const state of STRATEGY_STATES) {
    const count = status.strategies.filter((strategy) => strategy.state === state).length;
    metrics.set('bulwark_strategies', count, { account, state });
  }
};

const readProgress = (metrics: MetricSet, status: AccountStatus): void => {
  const { login: account, progress, evaluation } = status;
  if (evaluation !== null) {
    const labels = { account, evaluation: evaluation.id, state: evaluation.state };
    metrics.set('bulwark_evaluation_state', 1, labels);
  }
  if (progress === null) return;
  const { profit, target, tradingDays, daysLeft } = progress;
  metrics.set('bulwark_account_profit', Number(profit), { account });
  metrics.set('bulwark_account_trading_day', tradingDays, { account });
  if (target !== null) {
    metrics.set('bulwark_account_profit_target', Number(target), { account });
  }
  if (daysLeft !== null) metrics.set('bulwark_account_days_left', daysLeft, { account });
};
