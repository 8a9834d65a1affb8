import { formatLots, formatPrice } from '../../domain/instrument.ts';
import type { StrategyKey } from '../../domain/trading.ts';
import { formatDecimal, lotsE8, points } from '../../domain/units.ts';
import type { HealthReport } from '../connection/connection-health.ts';
import type { GuardPosition, GuardSummary } from '../guard/guard-summary.ts';
import type { System } from '../kernel/types.ts';
import { deskPath, strategyPath } from '../tree.ts';
import { evaluationStatus, progressStatus } from './operator-evaluation.ts';
import type { OperatedAccount, OperatorParts } from './operator-parts.ts';
import type {
  AccountStatus,
  FloorStatus,
  PositionStatus,
  RuntimeStatus,
  StrategyStatus,
} from './operator-view.ts';

export const strategySupervisor = (login: string, id: string): string =>
  `${deskPath(login, 'strategies')}.${id}`;

/** Everything a person is shown, read from the actors' summaries at the moment of asking. */
export const statusOf = (parts: OperatorParts): RuntimeStatus => {
  const { system, wall, now, accounts, runId, profile, restarts } = parts;
  return {
    at: now(),
    wallAt: wall.now(),
    runId,
    profile,
    accounts: accounts.map((account) => accountStatus(system, account)),
    troubled: system
      .tree()
      .filter(({ status }) => status !== 'running' && status !== 'administrativelyDown')
      .map(({ path, status }) => ({ path, status })),
    restarts: restarts(),
  };
};

const accountStatus = (system: System, account: OperatedAccount): AccountStatus => {
  const { login, rules, currency, paths, strategies } = account;
  const guard = system.info(paths.guard)?.summary as GuardSummary | undefined;
  const link = system.info(paths.connection)?.summary as LinkSummary | undefined;
  const digits = guard?.currencyDigits ?? account.currencyDigits;
  const money = (value: bigint | null | undefined): string | null =>
    value === null || value === undefined ? null : formatDecimal(value, digits);
  const floor = (level: bigint, equity: bigint | null): FloorStatus => ({
    floor: formatDecimal(level, digits),
    headroom: equity === null ? null : formatDecimal(equity - level, digits),
  });
  const { mode = 'halted', reason = 'the guard is down', holds = ['guard'] } = guard ?? {};
  const { daily = null, total = null } = guard?.floors ?? {};
  const { equity = null, progress = null, evaluation = null, payout = null } = guard ?? {};
  return {
    login,
    rules,
    currency,
    mode: { name: mode, reason, holds, limits: guard?.limits ?? [] },
    flatten: {
      state: guard?.flatten.state ?? 'unknown',
      reason: guard?.flatten.reason === '' ? null : (guard?.flatten.reason ?? null),
    },
    gateOpen: guard?.gateOpen ?? false,
    link: { state: link?.state ?? 'down', epoch: link?.epoch ?? 0 },
    breaker: link?.breaker ?? null,
    health: link?.health ?? null,
    balance: money(guard?.balance),
    equity: money(equity),
    minEquity: money(guard?.minEquity),
    floors:
      total === null
        ? null
        : { daily: daily === null ? null : floor(daily, equity), total: floor(total, equity) },
    progress: progress === null ? null : progressStatus(progress, digits),
    evaluation: evaluation === null ? null : evaluationStatus(evaluation, payout, digits),
    positions: (guard?.positions ?? []).map(positionStatus),
    orders: (guard?.orders ?? []).map(({ volumeE8, price, digits: places, ...order }) => ({
      ...order,
      volume: formatLots(lotsE8(volumeE8)),
      price: formatPrice(points(price), places),
    })),
    reservations: guard?.reservations ?? 0,
    strategies: strategies.map((key) => strategyStatus(system, login, key)),
    symbols: guard?.symbols ?? [],
    standing: guard?.standing ?? {},
    refusals: guard?.refusals ?? {},
  };
};

interface LinkSummary {
  readonly state: string;
  readonly epoch: number;
  readonly breaker?: { readonly state: string };
  readonly health?: HealthReport | null;
}
interface HostSummary {
  readonly phase: string;
  readonly bars: number;
  readonly signals: number;
}

const positionStatus = (position: GuardPosition): PositionStatus => {
  const { ticket, symbol, side, volumeE8, digits, bid, ask, strategyId } = position;
  const price = (value: number | null): string | null =>
    value === null ? null : formatPrice(points(value), digits);
  return {
    ticket,
    symbol,
    side,
    volume: formatLots(lotsE8(volumeE8)),
    open: formatPrice(points(position.open), digits),
    stopLoss: price(position.stopLoss),
    now: price(side === 'buy' ? bid : ask),
    strategy: strategyId,
  };
};

const strategyStatus = (
  system: System,
  login: string,
  { id, symbol }: StrategyKey,
): StrategyStatus => {
  const above = system.info(strategySupervisor(login, id));
  const host = system.info(strategyPath(login, id));
  const summary = host?.summary as HostSummary | undefined;
  return {
    id,
    symbol,
    state: strategyState(above?.status, host?.status, summary?.phase),
    bars: summary?.bars ?? 0,
    signals: summary?.signals ?? 0,
    restarts: host?.restarts ?? 0,
  };
};

const strategyState = (
  above: string | undefined,
  host: string | undefined,
  phase: string | undefined,
): StrategyStatus['state'] => {
  if (above === 'administrativelyDown' || host === 'administrativelyDown') return 'disabled';
  if (above === 'parked' || host === 'parked') return 'parked';
  if (above !== 'running' || host !== 'running') return 'restarting';
  return phase === 'trading' ? 'enabled' : 'warming';
};
