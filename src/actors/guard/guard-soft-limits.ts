import { formatDecimal, type Minor } from '../../domain/units.ts';
import type { ReachedLimit } from '../../machines/trading-mode.machine.ts';
import { type SoftLimit, softLimitsReached } from '../../risk/soft-limits.ts';
import { cancelOrder } from './guard-cancelling.ts';
import { changeMode } from './guard-permission.ts';
import { isManaged } from './guard-state.ts';
import type { GuardWork } from './guard-work.ts';

/**
 * The trader's own loss limits. One that is reached keeps the account from opening until the day's
 * reset, however far equity recovers: it is in the journal with its figures, so a restart does not
 * lift it. At the reset it is looked at anew; the total one may hold for another day.
 */
export const watchSoftLimits = (work: GuardWork, equity: Minor | null): void => {
  const { ledger, account } = work.state;
  if (ledger === null || account === null) return;
  const figures = { balance: account.balance, equity: equity ?? account.equity };
  const reached = softLimitsReached(ledger, work.options.limits, figures);
  const { limits } = work.state.mode.context;
  if (reached.length + limits.length === 0) return;
  const isHeld = ({ name, until }: SoftLimit): boolean =>
    limits.some((held) => held.name === name && held.until === until);
  for (const limit of reached) {
    if (!isHeld(limit)) reach(work, limit);
  }
  for (const { name, until } of limits) {
    if (until > ledger.day.opensAt || reached.some((limit) => limit.name === name)) continue;
    work.note('info', 'limit.lifted', `the day of the ${name} soft limit is over`);
    changeMode(work, { type: 'limit.lifted', name });
  }
  takeOffOrders(work);
};

const reach = (work: GuardWork, { name, level, measured, until }: SoftLimit): void => {
  const money = (value: bigint): string => formatDecimal(value, work.options.currencyDigits);
  const when = new Date(until).toISOString();
  const detail = `${money(measured)} is at or below the ${name} soft limit ${money(level)}; nothing opens before the reset at ${when}`;
  // One that holds for another day was told when it was reached.
  const isNew = !work.state.mode.context.limits.some((held) => held.name === name);
  if (isNew) work.note('warning', 'limit.reached', detail);
  const limit: ReachedLimit = { name, detail, until };
  changeMode(work, { type: 'limit.reached', limit });
};

/** What waits on the book would open a position all the same. */
const takeOffOrders = (work: GuardWork): void => {
  if (work.state.mode.context.limits.length === 0) return;
  for (const order of work.state.orders.values()) {
    if (isManaged(work.options, order)) cancelOrder(work, order, 'soft limit');
  }
};
