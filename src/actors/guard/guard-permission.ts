import type { TradingModeEvent } from '../../machines/trading-mode.machine.ts';
import { headroomEvent } from './guard-book.ts';
import { orderFlatten } from './guard-flatten.ts';
import { armTerminal } from './guard-floors.ts';
import { probeLater } from './guard-journal.ts';
import { isNews, moveMode, type PermissionMessage, permissionEvent } from './guard-mode.ts';
import type { GuardWork } from './guard-work.ts';

/** Whether risk may be opened: everything that moves the trading mode goes through `changeMode`. */
export const changeMode = (work: GuardWork, event: TradingModeEvent): void => {
  const moved = moveMode(work.state.mode, event, work.context, work.deps.clock);
  work.state = { ...work.state, mode: moved.mode };
  if (!isNews(moved, event)) return;
  const { from, to } = moved;
  const { reason, holds, limits } = moved.mode.context;
  work.entries.push({ kind: 'mode.changed', from, to, reason, holds, limits });
  const permission = { type: 'mode.changed', mayOpen: moved.mode.hasTag('mayOpen') } as const;
  work.tellExecutor(permission);
  // An order that the executor let go before it heard of this waits at the door of the link.
  work.tellConnection(permission);
  if (moved.flatten) orderFlatten(work, reason);
  if (to === 'active') checkHeadroom(work);
};

/** Whatever raises or clears a hold on opening. The gate is watched through its keeper's life, and
 * stays shut when the account was told to be ahead of our book since both were compared. */
export const changePermission = (work: GuardWork, message: PermissionMessage): void => {
  if (message.type === 'gate.granted' && bookDiffers(work.state)) {
    shutGate(work);
    return;
  }
  if (message.type === 'gate.granted') {
    work.context.monitor(work.context.ref(work.deps.paths.recovery), () => ({
      type: 'gate.revoked',
    }));
  }
  if (message.type === 'gate.granted' || message.type === 'gate.revoked') {
    work.state = { ...work.state, gateOpen: message.type === 'gate.granted' };
  }
  changeMode(work, permissionEvent(message));
};

/** Nothing opens until both sides have been compared once more. */
export const shutGate = (work: GuardWork): void => {
  changePermission(work, { type: 'gate.revoked' });
  work.tellConnection({ type: 'reconciliation.wanted' });
};

const bookDiffers = ({ ledger, account }: GuardWork['state']): boolean =>
  ledger !== null && account !== null && ledger.balance !== account.balance;

/** Nothing opens without a journal. That it failed is written down when it works again. */
export const journalFailed = (work: GuardWork, reason: string): void => {
  if (!work.state.journalWorks) return;
  work.state = { ...work.state, journalWorks: false };
  changeMode(work, { type: 'hold.raised', hold: 'journal' });
  probeLater(work.deps, work.context, reason);
};

/** Facts of the time without it are lost to the journal: a reconciliation finds them again. */
export const journalProbed = (work: GuardWork, works: boolean, reason: string): void => {
  work.state = { ...work.state, journalWorks: works };
  if (works) work.tellConnection({ type: 'reconciliation.wanted' });
  else probeLater(work.deps, work.context, reason);
};

/** Both sides agree. A reconciliation that had nothing to write proves nothing of the journal. */
export const clearHolds = (work: GuardWork): void => {
  changeMode(work, { type: 'hold.cleared', hold: 'ledger' });
  if (work.state.journalWorks) changeMode(work, { type: 'hold.cleared', hold: 'journal' });
};

export const checkHeadroom = (work: GuardWork): void => {
  arm(work);
  const event = headroomEvent(work.state, work.options, work.context.now());
  if (event !== undefined) changeMode(work, event);
};

/** The terminal holds the floors too, and acts on them when we are gone. */
export const arm = (work: GuardWork): void => {
  const { ledger } = work.state;
  if (ledger === null) return;
  work.tellConnection(armTerminal(ledger, work.options, work.context.now()));
};
