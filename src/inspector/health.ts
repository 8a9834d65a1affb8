import type { AccountStatus } from '../actors/operator/operator-view.ts';
import type { Backstage } from './backstage.ts';
import { INSPECTOR_LIMITS } from './inspector-limits.ts';

export interface Probe {
  readonly ok: boolean;
  readonly detail: string;
}
export interface HealthReport {
  readonly live: boolean;
  readonly ready: boolean;
  readonly probes: Readonly<Record<string, Probe>>;
}

const accountProbes = (account: AccountStatus): Readonly<Record<string, Probe>> => {
  const { login, link, gateOpen, mode, breaker } = account;
  const parked = account.strategies.filter(({ state }) => state === 'parked');
  const names = parked.map(({ id }) => id).join(', ');
  return {
    [`${login}.link`]: { ok: link.state.startsWith('live'), detail: link.state },
    [`${login}.gate`]: {
      ok: gateOpen,
      detail: gateOpen ? 'both sides were compared' : 'waiting for recovery',
    },
    [`${login}.mode`]: {
      ok: mode.name === 'active' || mode.name === 'reducing',
      detail: `${mode.name}: ${mode.holds.join(', ') || mode.reason}`,
    },
    [`${login}.breaker`]: {
      ok: breaker === null || breaker.state !== 'open',
      detail: breaker?.state ?? 'none',
    },
    [`${login}.strategies`]: {
      ok: parked.length === 0,
      detail: parked.length === 0 ? 'none is parked' : `parked: ${names}`,
    },
  };
};

/** Live: the picture is fresh. Ready: besides, every account is linked, reconciled and not halted. */
export const healthOf = ({ feed, clock }: Backstage): HealthReport => {
  const ageMs = clock.now() - feed.at;
  const live = feed.view !== undefined && ageMs < INSPECTOR_LIMITS.staleAfterMs;
  const status = feed.view?.status;
  const runtime = {
    ok: live,
    detail: feed.view === undefined ? 'it has not shown itself yet' : `seen ${ageMs} ms ago`,
  };
  if (status === undefined) return { live, ready: false, probes: { runtime } };
  const troubled = status.troubled.map(({ path, status: state }) => `${path} (${state})`);
  const tree = {
    ok: troubled.length === 0,
    detail: troubled.length === 0 ? 'every actor runs' : troubled.join(', '),
  };
  const accounts = status.accounts.map(accountProbes);
  const needed = status.accounts.every(
    ({ link, gateOpen, mode }) =>
      link.state.startsWith('live') && gateOpen && mode.name !== 'locked' && mode.name !== 'halted',
  );
  return {
    live,
    ready: live && needed && status.accounts.length > 0,
    probes: Object.assign({ runtime, tree }, ...accounts) as HealthReport['probes'],
  };
};
