import { formatDecimal } from '../../domain/units.ts';
import { floors } from '../../risk/floors.ts';
import type { GuardAnswer, GuardOrder } from '../messages.ts';
import { moveFlatten, orderFlatten } from './guard-flatten.ts';
import { isOperators, operatorHold } from './guard-mode.ts';
import { changeMode } from './guard-permission.ts';
import type { GuardWork } from './guard-work.ts';

/**
 * Orders of a person. Each is journalled with who gave it, also when it is refused, and answered
 * when that is durable: what was answered outlives a crash.
 */
type Refusal = Extract<GuardAnswer, { readonly ok: false }>;

type ModeOrder = Exclude<
  GuardOrder,
  { readonly type: 'operator.startEvaluation' | 'operator.bindEvaluation' }
>;

export const obeyOperator = (work: GuardWork, order: ModeOrder): void => {
  const refusal = refusalOf(work, order);
  if (refusal !== undefined) {
    refuseOrder(work, order, refusal);
    return;
  }
  const { severity, code } = NOTES[order.type];
  work.note(severity, code, toldBy(order));
  answerOrder(work, order, carryOut(work, order));
};

/** Who gave it, and why. */
export const toldBy = ({ by, reason }: GuardOrder): string => `${by}: ${reason}`;

export const refuseOrder = (work: GuardWork, order: GuardOrder, refusal: Refusal): void => {
  const detail = `${verbOf(order)}, ${toldBy(order)}; ${refusal.cause}`;
  work.note('warning', 'operator.refused', detail);
  work.answers.push(() => order.reply(refusal));
};

export const answerOrder = (work: GuardWork, order: GuardOrder, text: string): void => {
  work.answers.push((durable) =>
    order.reply({ ok: true, text: durable ? text : `${text}; the journal does not know of it` }),
  );
};

const verbOf = ({ type }: GuardOrder): string => type.replace('operator.', '');

/** How each order is journalled. */
const NOTES = {
  'operator.halt': { severity: 'warning', code: 'operator.halt' },
  'operator.resume': { severity: 'info', code: 'operator.resume' },
  'operator.flatten': { severity: 'warning', code: 'operator.flatten' },
  'operator.kill': { severity: 'error', code: 'operator.kill' },
  'operator.rearm': { severity: 'warning', code: 'operator.rearm' },
} as const;

const carryOut = (work: GuardWork, order: ModeOrder): string => {
  const { reason } = order;
  const hold = operatorHold(reason);
  switch (order.type) {
    case 'operator.halt':
      changeMode(work, { type: 'hold.raised', hold });
      return `halted: nothing opens; ${openText(work)}`;
    case 'operator.resume': {
      moveFlatten(work, { type: 'flatten.released' });
      clearOperatorHolds(work);
      return resumedText(work);
    }
    case 'operator.flatten': {
      const text = openText(work);
      changeMode(work, { type: 'hold.raised', hold });
      orderFlatten(work, hold);
      return `halted, and everything is being closed: ${text}`;
    }
    case 'operator.kill': {
      const text = openText(work);
      if (work.state.mode.matches('locked')) orderFlatten(work, hold);
      else changeMode(work, { type: 'operator.kill', reason: hold });
      return `locked, and everything is being closed: ${text}`;
    }
    case 'operator.rearm':
      rearm(work, reason);
      return 'rearmed: halted until both sides have been compared once more';
  }
};

const clearOperatorHolds = (work: GuardWork): void => {
  for (const held of work.state.mode.context.holds.filter(isOperators)) {
    changeMode(work, { type: 'hold.cleared', hold: held });
  }
};

/** The gate is shut and has to be granted again: what was reconciled before the lock is old. */
const rearm = (work: GuardWork, reason: string): void => {
  moveFlatten(work, { type: 'flatten.released' });
  clearOperatorHolds(work);
  work.state = { ...work.state, breachNoted: null, gateOpen: false };
  changeMode(work, { type: 'hold.raised', hold: 'gate' });
  changeMode(work, { type: 'operator.rearm', reason: `rearmed: ${reason}` });
  work.tellConnection({ type: 'reconciliation.wanted' });
};

const openText = ({ state }: GuardWork): string =>
  `${state.positions.size} positions and ${state.orders.size} working orders are open`;

const resumedText = ({ state: { mode } }: GuardWork): string =>
  mode.matches('active')
    ? 'trading again'
    : `not halted by an operator any more; ${String(mode.value)}: ${mode.context.holds.join(', ') || mode.context.reason}`;

const refusalOf = (work: GuardWork, order: ModeOrder): Refusal | undefined => {
  switch (order.type) {
    case 'operator.halt':
    case 'operator.flatten':
    case 'operator.kill':
      return undefined;
    case 'operator.resume':
      return refuseResume(work);
    case 'operator.rearm':
      return refuseRearm(work, order.typed);
  }
};

const refuse = (code: Refusal['code'], cause: string, remedy: string): Refusal => ({
  ok: false,
  code,
  cause,
  remedy,
});

const refuseResume = (work: GuardWork): Refusal | undefined => {
  const { mode } = work.state;
  if (mode.matches('locked')) {
    const cause = `the account is locked: ${mode.context.reason}`;
    return refuse('LOCKED', cause, 'look what happened, then rearm it with a reason');
  }
  if (!mode.context.holds.some(isOperators)) {
    const holds = mode.context.holds.join(', ');
    const cause = `no operator halted it; it is ${String(mode.value)}${holds === '' ? '' : `: ${holds}`}`;
    return refuse('NOT_HALTED', cause, 'the other holds clear when their cause is gone');
  }
  return refuseOpen(work);
};

/** Leaving a lock needs a person who means this account, a green reconciliation, and a flat book. */
const refuseRearm = (work: GuardWork, typed: string): Refusal | undefined => {
  const { mode, gateOpen } = work.state;
  const { accountId } = work.deps;
  if (!mode.matches('locked')) {
    return refuse('NOT_LOCKED', `it is ${String(mode.value)}`, 'there is nothing to rearm');
  }
  if (typed !== accountId) {
    const cause = `"${typed}" was typed, the account is ${accountId}`;
    return refuse('WRONG_ACCOUNT_TYPED', cause, 'type the login of the account to rearm');
  }
  const missing = mode.context.holds.filter((hold) => RECONCILED.includes(hold));
  if (!gateOpen || missing.length > 0) {
    const cause = `both sides are not known to agree: ${missing.join(', ') || 'the gate is shut'}`;
    return refuse('NOT_RECONCILED', cause, 'see `status`; wait for a recovery that balances');
  }
  return refuseOpen(work) ?? refuseBreached(work);
};

/** Holds that a green reconciliation clears. */
const RECONCILED: readonly string[] = ['gate', 'link', 'ledger', 'journal'];

const refuseOpen = (work: GuardWork): Refusal | undefined => {
  const { flatten } = work.state;
  if (!flatten.hasTag('underWay')) return undefined;
  const cause = `everything is being closed, and ${openText(work)}`;
  return refuse('NOT_FLAT', cause, 'wait until the terminal shows nothing open');
};

const refuseBreached = (work: GuardWork): Refusal | undefined => {
  const { ledger, account, equity } = work.state;
  if (ledger === null || account === null) return undefined;
  const { max, binding } = floors(ledger);
  const now = equity ?? account.equity;
  if (now >= max) return undefined;
  const money = (value: bigint): string => formatDecimal(value, work.options.currencyDigits);
  const cause = `equity ${money(now)} is below the ${binding} floor ${money(max)}`;
  const remedy =
    binding === 'daily'
      ? `the next day begins at ${new Date(ledger.day.closesAt).toISOString()}`
      : 'this account has failed its rules; a new phase needs a new account';
  return refuse('FLOOR_BREACHED', cause, remedy);
};
