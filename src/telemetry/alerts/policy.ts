import { ALERT_LIMITS, type Alert, isAtLeast, type Severity } from './types.ts';

/**
 * What goes out, and what would only be noise: too mild, told a moment ago, or one too many. Pure:
 * the state goes in and comes out, `now` is wall time.
 */
export interface PolicyState {
  /** By key: when it was told last, and how often it came since. */
  readonly told: ReadonlyMap<string, { readonly at: number; readonly since: number }>;
  readonly minuteBegan: number;
  readonly sentInMinute: number;
  readonly heldInMinute: number;
}
export const QUIET: PolicyState = {
  told: new Map(),
  minuteBegan: 0,
  sentInMinute: 0,
  heldInMinute: 0,
};

export interface Judged {
  readonly state: PolicyState;
  /** What is to be sent now, in order. */
  readonly send: readonly Alert[];
}

const MINUTE_MS = 60_000;

const overflowed = (held: number, at: number, account: string): Alert => ({
  key: 'alerts.held',
  severity: 'warning',
  code: 'alerts.held',
  text: `${held} more alerts within a minute were not sent; see the events.`,
  at,
  account,
});

/** Begins a new minute when the last one is over, and tells what was held back in it. */
const turnMinute = (state: PolicyState, now: number, alert: Alert): Judged => {
  if (now - state.minuteBegan < MINUTE_MS) return { state, send: [] };
  const { heldInMinute: held } = state;
  const send = held > 0 ? [overflowed(held, alert.at, alert.account)] : [];
  return {
    state: { ...state, minuteBegan: now, sentInMinute: send.length, heldInMinute: 0 },
    send,
  };
};

const remember = (
  told: PolicyState['told'],
  key: string,
  value: { readonly at: number; readonly since: number },
): PolicyState['told'] => {
  const next = new Map(told);
  next.delete(key);
  next.set(key, value);
  const [oldest] = next.keys();
  if (next.size > ALERT_LIMITS.keysRemembered && oldest !== undefined) next.delete(oldest);
  return next;
};

export const judgeAlert = (
  before: PolicyState,
  alert: Alert,
  options: { readonly now: number; readonly least: Severity },
): Judged => {
  const { now, least } = options;
  if (!isAtLeast(alert.severity, least)) return { state: before, send: [] };
  const { state, send } = turnMinute(before, now, alert);
  const last = state.told.get(alert.key);
  if (last !== undefined && now - last.at < ALERT_LIMITS.repeatMs) {
    const told = remember(state.told, alert.key, { at: last.at, since: last.since + 1 });
    return { state: { ...state, told }, send };
  }
  if (state.sentInMinute >= ALERT_LIMITS.perMinute) {
    return { state: { ...state, heldInMinute: state.heldInMinute + 1 }, send };
  }
  const times = last === undefined || last.since === 0 ? '' : ` (and ${last.since} times before)`;
  const text = `${alert.text}${times}`.slice(0, ALERT_LIMITS.textLength);
  return {
    state: {
      ...state,
      told: remember(state.told, alert.key, { at: now, since: 0 }),
      sentInMinute: state.sentInMinute + 1,
    },
    send: [...send, { ...alert, text }],
  };
};
