import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/**
 * Every metric of the runtime, as data: the registry is made from it, and docs/metrics.md and the
 * alert rules of ops/ are held against it. Names end in their unit. Money is in units of the
 * account's currency, as a binary float: for graphs and alarms, never for decisions.
 */
export interface MetricSpec {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  readonly help: string;
  readonly buckets?: readonly number[];
}

export const METRICS = {
  bulwark_info: { type: 'gauge', labels: ['version', 'profile'], help: '1; what runs here' },
  bulwark_session_time_seconds: {
    type: 'gauge',
    labels: [],
    help: "The market's own time, seconds since the epoch",
  },
  bulwark_market_bars_total: { type: 'counter', labels: [], help: 'Bars seen' },
  bulwark_market_ticks_total: { type: 'counter', labels: [], help: 'Ticks seen' },
  bulwark_quote_age_seconds: {
    type: 'gauge',
    labels: ['account', 'symbol'],
    help: 'Session time since the last quote of a symbol whose market is open',
  },
  bulwark_actor_crashes_total: { type: 'counter', labels: ['path'], help: 'Abnormal ends' },
  bulwark_actor_restarts_total: { type: 'counter', labels: ['path'], help: 'Starts after a first' },
  bulwark_supervisor_exhausted_total: {
    type: 'counter',
    labels: ['path', 'action'],
    help: 'Restart budgets that were used up: exit or park',
  },
  bulwark_actors_down: {
    type: 'gauge',
    labels: [],
    help: 'Actors that should run and do not',
  },
  bulwark_dead_letters_total: { type: 'counter', labels: ['why'], help: 'Messages nobody handled' },
  bulwark_mailbox_depth: { type: 'gauge', labels: ['path'], help: 'Messages waiting' },
  bulwark_events_total: {
    type: 'counter',
    labels: ['severity', 'code'],
    help: 'Notices for people, as in the table events',
  },
  bulwark_signals_total: { type: 'counter', labels: ['strategy'], help: 'Wishes of strategies' },
  bulwark_denials_total: { type: 'counter', labels: ['code'], help: 'Refused by our own guard' },
  bulwark_intents_total: { type: 'counter', labels: ['type'], help: 'Intents planned' },
  bulwark_order_states_total: {
    type: 'counter',
    labels: ['state'],
    help: 'Orders that came into a state',
  },
  bulwark_deals_total: { type: 'counter', labels: ['symbol', 'reason'], help: 'Deals booked' },
  bulwark_order_latency_seconds: {
    type: 'histogram',
    labels: ['type'],
    help: 'Session time from the intent to its first deal',
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  },
  bulwark_trace_spans_total: {
    type: 'counter',
    labels: ['outcome'],
    help: 'Spans of traces: exported, or lost because the collector did not take them in time',
  },
  bulwark_account_balance: { type: 'gauge', labels: ['account'], help: 'Balance' },
  bulwark_account_equity: { type: 'gauge', labels: ['account'], help: 'Equity' },
  bulwark_account_floor: {
    type: 'gauge',
    labels: ['account', 'floor'],
    help: 'Equity level that must hold: daily, total',
  },
  bulwark_account_headroom: {
    type: 'gauge',
    labels: ['account', 'floor'],
    help: 'Equity above the floor; negative: below it',
  },
  bulwark_account_profit: {
    type: 'gauge',
    labels: ['account'],
    help: 'Closed profit under the phase, deposits and withdrawals excluded',
  },
  bulwark_account_profit_target: {
    type: 'gauge',
    labels: ['account'],
    help: "The phase's profit target; absent where it has none",
  },
  bulwark_account_trading_day: {
    type: 'gauge',
    labels: ['account'],
    help: 'Days that count for the phase',
  },
  bulwark_account_days_left: {
    type: 'gauge',
    labels: ['account'],
    help: 'Calendar days until the time of the phase is up; absent where it has no limit',
  },
  bulwark_evaluation_state: {
    type: 'gauge',
    labels: ['account', 'evaluation', 'state'],
    help: "1 for the leaf of the evaluation's chart",
  },
  bulwark_account_positions: { type: 'gauge', labels: ['account'], help: 'Positions open' },
  bulwark_account_reservations: {
    type: 'gauge',
    labels: ['account'],
    help: 'Headroom held for intents whose end is not known',
  },
  bulwark_account_mode: {
    type: 'gauge',
    labels: ['account', 'mode'],
    help: '1 for the trading mode that holds, 0 for the others',
  },
  bulwark_account_hold: {
    type: 'gauge',
    labels: ['account', 'hold'],
    help: '1 for everything that keeps the account halted: journal, ledger, link, gate, operator, …',
  },
  bulwark_account_gate_open: {
    type: 'gauge',
    labels: ['account'],
    help: '1 when both sides were compared',
  },
  bulwark_link_live: { type: 'gauge', labels: ['account'], help: '1 when the link is live' },
  bulwark_breaker_open: { type: 'gauge', labels: ['account'], help: '1 when opens are refused' },
  bulwark_flatten_stuck: {
    type: 'gauge',
    labels: ['account'],
    help: '1 when closing everything does not succeed',
  },
  bulwark_strategies: {
    type: 'gauge',
    labels: ['account', 'state'],
    help: 'Strategies by state: enabled, warming, restarting, parked, disabled',
  },
} as const satisfies Readonly<Record<string, MetricSpec>>;

export type MetricName = keyof typeof METRICS;
type Labels = Readonly<Record<string, string>>;

/** The registry, spoken to by name. A name of another type is a defect and throws. */
export interface MetricSet {
  readonly add: (name: MetricName, labels?: Labels, by?: number) => void;
  readonly set: (name: MetricName, value: number, labels?: Labels) => void;
  readonly observe: (name: MetricName, value: number, labels?: Labels) => void;
  /** Forgets every label set of a gauge, for those whose labels come and go. */
  readonly clear: (name: MetricName) => void;
  /** Prometheus' text format. */
  readonly text: () => Promise<string>;
}

const made = (registers: Registry[], name: string, spec: MetricSpec) => {
  const config = { name, help: spec.help, labelNames: [...spec.labels], registers };
  switch (spec.type) {
    case 'counter':
      return new Counter(config);
    case 'gauge':
      return new Gauge(config);
    case 'histogram':
      return new Histogram({ ...config, buckets: [...(spec.buckets ?? [])] });
  }
};

export const createMetrics = (): MetricSet => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const metrics = new Map(
    Object.entries(METRICS).map(([name, spec]) => [name, made([registry], name, spec)] as const),
  );
  const named = <Kind extends Counter | Gauge | Histogram>(
    name: MetricName,
    kind: new (...args: never[]) => Kind,
  ): Kind => {
    const metric = metrics.get(name);
    if (metric instanceof kind) return metric;
    throw new TypeError(`${name} is no ${kind.name}`);
  };
  return {
    add: (name, labels = {}, by = 1) => named(name, Counter).inc(labels, by),
    set: (name, value, labels = {}) => named(name, Gauge).set(labels, value),
    observe: (name, value, labels = {}) => named(name, Histogram).observe(labels, value),
    clear: (name) => named(name, Gauge).reset(),
    text: () => registry.metrics(),
  };
};
