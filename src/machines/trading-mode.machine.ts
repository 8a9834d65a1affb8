import { assign, setup } from 'xstate';
import type { EpochMs } from '../domain/units.ts';

/** A loss limit of the trader's own that was reached, and the reset until which it holds. */
export interface ReachedLimit {
  readonly name: 'daily' | 'total';
  /** The figures, as a sentence. */
  readonly detail: string;
  readonly until: EpochMs;
}

/** Whether the account may open risk. Closing and tightening are allowed in every state. */
export interface TradingModeContext {
  readonly reason: string;
  /** Reasons that hold the account halted at the same time; all must clear. */
  readonly holds: readonly string[];
  /** Soft limits that were reached, each once. */
  readonly limits: readonly ReachedLimit[];
}
export type TradingModeEvent =
  | { readonly type: 'hold.raised'; readonly hold: string }
  | { readonly type: 'hold.cleared'; readonly hold: string }
  | { readonly type: 'headroom.thin' }
  | { readonly type: 'headroom.restored' }
  | { readonly type: 'limit.reached'; readonly limit: ReachedLimit }
  | { readonly type: 'limit.lifted'; readonly name: ReachedLimit['name'] }
  /** Floor breach or kill: only a person with a reason leads out. */
  | { readonly type: 'floor.reached' }
  /** A rule without a floor ended the account: its time is up. */
  | { readonly type: 'account.failed'; readonly reason: string }
  | { readonly type: 'operator.kill'; readonly reason: string }
  | { readonly type: 'operator.rearm'; readonly reason: string };

const withHold = (holds: readonly string[], hold: string): readonly string[] =>
  holds.includes(hold) ? holds : [...holds, hold];

export const tradingModeMachine = setup({
  types: {
    context: {} as TradingModeContext,
    events: {} as TradingModeEvent,
    input: {} as {
      readonly holds: readonly string[];
      readonly limits?: readonly ReachedLimit[];
    },
    tags: {} as 'mayOpen',
  },
  guards: {
    isLastHold: ({ context, event }) =>
      event.type === 'hold.cleared' && context.holds.every((hold) => hold === event.hold),
    isLastHoldUnderLimit: ({ context, event }) =>
      event.type === 'hold.cleared' &&
      context.holds.every((hold) => hold === event.hold) &&
      context.limits.length > 0,
    isUnlimited: ({ context }) => context.limits.length === 0,
    isLastLimit: ({ context, event }) =>
      event.type === 'limit.lifted' && context.limits.every(({ name }) => name === event.name),
  },
  actions: {
    addHold: assign(({ context, event }) =>
      event.type === 'hold.raised' ? { holds: withHold(context.holds, event.hold) } : {},
    ),
    /** What is left of the holds says why, once the one that said it is gone. */
    removeHold: assign(({ context, event }) => {
      if (event.type !== 'hold.cleared') return {};
      const holds = context.holds.filter((hold) => hold !== event.hold);
      const reason = context.reason === event.hold ? holds.at(-1) : undefined;
      return { holds, reason: reason ?? context.reason };
    }),
    rememberReason: assign({
      reason: ({ context, event }) =>
        'reason' in event
          ? event.reason
          : event.type === 'floor.reached'
            ? 'floor'
            : event.type === 'hold.raised'
              ? event.hold
              : event.type === 'limit.reached'
                ? event.limit.detail
                : event.type === 'headroom.thin'
                  ? 'headroom'
                  : context.reason,
    }),
    addLimit: assign({
      limits: ({ context, event }) =>
        event.type === 'limit.reached'
          ? [...context.limits.filter(({ name }) => name !== event.limit.name), event.limit]
          : context.limits,
    }),
    removeLimit: assign({
      limits: ({ context, event }) =>
        event.type === 'limit.lifted'
          ? context.limits.filter(({ name }) => name !== event.name)
          : context.limits,
    }),
    /** What keeps it reducing, once the hold that halted it is gone. */
    explainLimit: assign({
      reason: ({ context }) => context.limits.at(-1)?.detail ?? context.reason,
    }),
    /** Effects, carried out by the risk guard. */
    recordMode: () => {},
    flattenAll: () => {},
  },
}).createMachine({
  id: 'tradingMode',
  initial: 'halted',
  context: ({ input }) => ({ reason: 'boot', holds: input.holds, limits: input.limits ?? [] }),
  on: {
    'limit.reached': { actions: 'addLimit' },
    'limit.lifted': { actions: 'removeLimit' },
    'operator.kill': { target: '.locked', actions: 'rememberReason' },
    'floor.reached': { target: '.locked', actions: 'rememberReason' },
    'account.failed': { target: '.locked', actions: 'rememberReason' },
  },
  states: {
    active: {
      description: 'New risk may be opened inside the floors.',
      tags: 'mayOpen',
      entry: 'recordMode',
      on: {
        'headroom.thin': { target: 'reducing', actions: 'rememberReason' },
        'limit.reached': { target: 'reducing', actions: ['addLimit', 'rememberReason'] },
        'hold.raised': { target: 'halted', actions: ['addHold', 'rememberReason'] },
      },
    },
    reducing: {
      description: 'Headroom is thin, or a soft limit was reached: only closing and tightening.',
      entry: 'recordMode',
      on: {
        'headroom.restored': { guard: 'isUnlimited', target: 'active' },
        'limit.reached': { actions: ['addLimit', 'rememberReason'] },
        'limit.lifted': [
          { guard: 'isLastLimit', target: 'active', actions: 'removeLimit' },
          { actions: ['removeLimit', 'explainLimit'] },
        ],
        'hold.raised': { target: 'halted', actions: ['addHold', 'rememberReason'] },
      },
    },
    halted: {
      description: 'At least one hold: boot, gate, operator, mismatch, stale data, naked risk.',
      entry: 'recordMode',
      on: {
        'hold.raised': { actions: ['addHold', 'rememberReason'] },
        'hold.cleared': [
          {
            guard: 'isLastHoldUnderLimit',
            target: 'reducing',
            actions: ['removeHold', 'explainLimit'],
          },
          { guard: 'isLastHold', target: 'active', actions: 'removeHold' },
          { actions: 'removeHold' },
        ],
      },
    },
    locked: {
      description: 'Killed or at the floor. Everything is closed; a person must rearm.',
      entry: ['recordMode', 'flattenAll'],
      on: {
        'hold.raised': { actions: 'addHold' },
        'hold.cleared': { actions: 'removeHold' },
        'operator.rearm': { target: 'halted', actions: 'rememberReason' },
      },
    },
  },
});
