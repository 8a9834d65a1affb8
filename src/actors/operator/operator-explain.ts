import type { ReachedLimit } from '../../machines/trading-mode.machine.ts';
import type { RefusalCode } from '../../risk/codes.ts';
import type {
  AccountStatus,
  RuntimeStatus,
  StrategyStatus,
  SymbolExplanation,
} from './operator-view.ts';

/** Why nothing opens now, strategy by strategy: everything in the way, with what removes it. */
export const explainSymbols = (
  { accounts }: RuntimeStatus,
  logins: ReadonlySet<string>,
  symbol: string | undefined,
): readonly SymbolExplanation[] =>
  accounts
    .filter(({ login }) => logins.has(login))
    .flatMap((status) =>
      status.strategies
        .filter((strategy) => symbol === undefined || strategy.symbol === symbol)
        .map((strategy) => explain(status, strategy)),
    );

type Because = SymbolExplanation['because'][number];

const explain = (status: AccountStatus, strategy: StrategyStatus): SymbolExplanation => {
  const because = [
    ...modeReasons(status),
    ...standingReasons(status, strategy),
    ...strategyReasons(strategy),
  ];
  return {
    account: status.login,
    symbol: strategy.symbol,
    strategy: strategy.id,
    trades: because.length === 0,
    because,
    lastRefusal: status.refusals[strategy.id] ?? null,
  };
};

/** What the guard's own checks have against any order. Mode and gate are told by what holds them. */
const standingReasons = (
  { mode, standing }: AccountStatus,
  { id }: StrategyStatus,
): readonly Because[] =>
  (standing[id] ?? [])
    .filter(({ code }) => (code !== 'MODE' && code !== 'GATE_CLOSED') || mode.name === 'active')
    .map(({ code, detail }) => ({
      code,
      cause: detail.replace(/\.$/, ''),
      remedy: STANDING[code] ?? 'it opens by itself when that is over',
    }));

const NEXT_DAY = "it opens with the rules' next day";
const LESS_OPEN = 'it opens when what is open has closed, or its stops have moved closer';
const AT_THE_FIRM = 'an account that the rules are for can trade';
/** What lifts a refusal that stands. */
const STANDING: Partial<Record<RefusalCode, string>> = {
  BREAKER_OPEN: '`breaker reset` tries it at once, or wait for its trial request',
  GATE_CLOSED: 'it opens when both sides have been compared',
  UNKNOWN_SYMBOL: "look whether the terminal's Market Watch shows it",
  SYMBOL_DISABLED: 'the broker decides; trade another symbol',
  STALE_QUOTE: 'look at the link and at the feed of the terminal',
  NO_RATE: 'add a symbol that converts it to the Market Watch',
  UNRESOLVED_ORDER: 'it opens when the outcome is known; see the events',
  NAKED_POSITION: 'give it a stop at the terminal, or close it',
  MAX_POSITIONS: 'it opens when something has closed',
  MAX_POSITIONS_SYMBOL: 'it opens when something of the symbol has closed',
  OPPOSITE_SIDE: 'it opens when what is open has closed',
  FIFO: 'it opens when what is open has closed',
  ACCOUNT_MODE: AT_THE_FIRM,
  ALLOCATION: AT_THE_FIRM,
  NEWS_UNKNOWN: 'bring the calendar of releases up to date',
  ORDERS_PER_DAY: NEXT_DAY,
  POSITIONS_PER_DAY: NEXT_DAY,
  REQUESTS_PER_DAY: NEXT_DAY,
  VOLUME_TOO_LARGE: 'trade a symbol whose smallest volume the firm takes',
  TRADE_RISK: 'raise `risk.maxTradeRiskPercent`, or trade another symbol',
  SYMBOL_RISK: LESS_OPEN,
  GROUP_RISK: LESS_OPEN,
  MARGIN: LESS_OPEN,
  STOP_OUT: LESS_OPEN,
  DAILY_FLOOR: `${LESS_OPEN}; or with the next day`,
  TOTAL_FLOOR: LESS_OPEN,
  RESET_FLOOR: LESS_OPEN,
  RATCHET_FLOOR: LESS_OPEN,
  NO_TAKE_PROFIT: 'give every position a take-profit',
};

const modeReasons = ({ mode, flatten }: AccountStatus): readonly Because[] => {
  const closing: readonly Because[] =
    flatten.state === 'idle' || flatten.state === 'flat' || flatten.state === 'unknown'
      ? []
      : [
          {
            code: 'FLATTENING',
            cause: `everything is being closed (${flatten.state}): ${flatten.reason ?? ''}`,
            remedy: 'wait until the terminal shows nothing open',
          },
        ];
  switch (mode.name) {
    case 'active':
      return closing;
    case 'reducing':
      if (mode.limits.length > 0) return [...mode.limits.map(limitReason), ...closing];
      return [
        {
          code: 'REDUCING',
          cause: 'the worst case of what is open uses most of the headroom',
          remedy: 'it opens again when positions close or their stops move closer',
        },
        ...closing,
      ];
    case 'locked': {
      const remedy = 'look what happened, then rearm it with a reason';
      return [{ code: 'LOCKED', cause: `locked: ${mode.reason}`, remedy }, ...closing];
    }
    case 'halted':
      return [...mode.holds.map(holdReason), ...mode.limits.map(limitReason), ...closing];
  }
};

const limitReason = ({ name, detail, until }: ReachedLimit): Because => {
  const at = new Date(until).toISOString();
  const key = name === 'total' ? ', or when `risk.softTotalPercent` is raised before it' : '';
  const remedy = `it is lifted at the reset, ${at}, if equity is above the limit then${key}`;
  return { code: 'SOFT_LIMIT', cause: detail, remedy };
};

const HOLDS: Readonly<Record<string, { readonly cause: string; readonly remedy: string }>> = {
  gate: {
    cause: 'recovery has not granted the gate: what is open is not known yet',
    remedy: 'it clears when both sides have been compared',
  },
  link: { cause: 'the link to the terminal is not live', remedy: 'look at the terminal' },
  ledger: {
    cause: "the broker's balance is not ours to the cent",
    remedy: 'export `trades` and compare them with the broker',
  },
  journal: { cause: 'the journal cannot be written', remedy: 'look at the disk' },
  naked: {
    cause: 'a position of ours has no stop at the terminal',
    remedy: 'it gets one, or is closed, within `risk.nakedMs`',
  },
  external: {
    cause: 'something is open or works that is not ours, and `risk.external` forbids it',
    remedy: 'close it at the terminal',
  },
  evaluation: {
    cause: 'its evaluation does not let this account trade',
    remedy: '`evaluation status` says where it stands and what it waits for',
  },
  stopping: { cause: 'the run is being ended', remedy: 'start it again' },
  guard: { cause: 'the guard is down', remedy: 'its supervisor restarts it; see `status`' },
};

/** Holds that say what a terminal says of itself, by their first word; they clear with their cause. */
const CONDITIONS: Readonly<Record<string, string>> = {
  data: 'look at the feed of the terminal; it clears with the next fresh quotes',
  clock: 'look at the clocks; it clears when they agree',
  terminal: 'put it right at the terminal; it clears by itself',
};

const holdReason = (hold: string): Because => {
  const known = HOLDS[hold];
  if (known !== undefined) return { code: `HOLD_${hold.toUpperCase()}`, ...known };
  const [sort = ''] = hold.split(':', 1);
  const condition = CONDITIONS[sort];
  if (condition !== undefined) {
    return { code: `HOLD_${sort.toUpperCase()}`, cause: hold, remedy: condition };
  }
  const code = hold.startsWith('operator') ? 'HOLD_OPERATOR' : 'HOLD_RUN';
  const remedy = hold.startsWith('operator') ? 'resume' : 'it lasts for the whole run';
  return { code, cause: hold, remedy };
};

const strategyReasons = ({ id, state }: StrategyStatus): readonly Because[] => {
  switch (state) {
    case 'enabled':
      return [];
    case 'warming':
      return [
        {
          code: 'STRATEGY_WARMING',
          cause: `${id} waits for its market or its history`,
          remedy: 'it decides as soon as it has seen its bars',
        },
      ];
    case 'restarting':
      return [
        { code: 'STRATEGY_RESTARTING', cause: `${id} is restarted`, remedy: 'wait a moment' },
      ];
    case 'parked':
      return [
        {
          code: 'STRATEGY_PARKED',
          cause: `${id} crashed too often and is parked`,
          remedy: 'read its crash in the events, then enable it',
        },
      ];
    case 'disabled':
      return [
        { code: 'STRATEGY_DISABLED', cause: `an operator stopped ${id}`, remedy: 'enable it' },
      ];
  }
};
