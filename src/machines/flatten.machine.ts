import { assign, setup } from 'xstate';

/**
 * Closing everything, and proving it. Started by a floor, a kill, a dead man's switch or an
 * operator; never by a difference in the books, which halts and waits for a person. It ends when
 * the terminal itself shows nothing: what our own book says is not enough.
 */
export interface FlattenContext {
  readonly reason: string;
  /** Session milliseconds after which somebody must look. */
  readonly stuckAfterMs: number;
}
export type FlattenEvent =
  | { readonly type: 'flatten.ordered'; readonly reason: string }
  /** A person lifted what it was ordered for. */
  | { readonly type: 'flatten.released' }
  /** Our book: no order works any more, or nothing is open at all, or something is. */
  | { readonly type: 'orders.gone' }
  | { readonly type: 'book.emptied' }
  | { readonly type: 'book.occupied' }
  /** A reconciled snapshot of the terminal. */
  | { readonly type: 'terminal.shownFlat' }
  | { readonly type: 'terminal.shownOpen' };

/** Session milliseconds. */
const RETRY_MS = 5_000;
const VERIFY_AGAIN_MS = 30_000;

export const flattenMachine = setup({
  types: {
    context: {} as FlattenContext,
    events: {} as FlattenEvent,
    input: {} as { readonly stuckAfterMs: number },
    tags: {} as 'underWay',
  },
  actions: {
    rememberReason: assign({
      reason: ({ context, event }) =>
        event.type === 'flatten.ordered' ? event.reason : context.reason,
    }),
    /** Effects, carried out by the risk guard. Repeating them changes nothing that is under way. */
    cancelOrders: () => {},
    closePositions: () => {},
    verifyAtTerminal: () => {},
  },
  delays: {
    retry: RETRY_MS,
    verifyAgain: VERIFY_AGAIN_MS,
    stuckAfter: ({ context }) => context.stuckAfterMs,
  },
}).createMachine({
  id: 'flatten',
  initial: 'idle',
  context: ({ input }) => ({ reason: '', stuckAfterMs: input.stuckAfterMs }),
  states: {
    idle: {
      description: 'Nobody wants everything closed.',
      on: { 'flatten.ordered': { target: 'underWay', actions: 'rememberReason' } },
    },
    underWay: {
      description: 'Orders are cancelled and positions closed, again and again.',
      tags: 'underWay',
      initial: 'cancelling',
      after: { stuckAfter: 'stuck' },
      on: {
        'terminal.shownFlat': 'flat',
        'flatten.ordered': { actions: 'rememberReason' },
      },
      states: {
        cancelling: {
          description: 'Working orders are taken off the book; closes go out at the same time.',
          entry: ['cancelOrders', 'closePositions'],
          after: { retry: { target: 'cancelling', reenter: true } },
          on: {
            'orders.gone': 'closing',
            'book.emptied': 'verifying',
            'book.occupied': { target: 'cancelling', reenter: true },
          },
        },
        closing: {
          description: 'No order works any more; positions are being closed.',
          entry: 'closePositions',
          after: { retry: { target: 'closing', reenter: true } },
          on: {
            'book.emptied': 'verifying',
            'book.occupied': 'cancelling',
          },
        },
        verifying: {
          description: 'Our book is empty; the terminal is asked for its own.',
          entry: 'verifyAtTerminal',
          after: { verifyAgain: { target: 'verifying', reenter: true } },
          on: {
            'terminal.shownOpen': 'cancelling',
            'book.occupied': 'cancelling',
          },
        },
      },
    },
    stuck: {
      description: 'Not flat in time: somebody must look. It goes on trying.',
      tags: 'underWay',
      entry: ['cancelOrders', 'closePositions'],
      after: { retry: { target: 'stuck', reenter: true } },
      on: {
        'terminal.shownFlat': 'flat',
        'book.emptied': 'underWay.verifying',
        'book.occupied': { actions: ['cancelOrders', 'closePositions'] },
        'flatten.ordered': { actions: 'rememberReason' },
      },
    },
    flat: {
      description: 'The terminal shows nothing open. What appears later is closed as well.',
      on: {
        'book.occupied': 'underWay',
        'terminal.shownOpen': 'underWay',
        'flatten.ordered': { target: 'underWay', actions: 'rememberReason' },
        'flatten.released': 'idle',
      },
    },
  },
});
