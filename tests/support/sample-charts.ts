import { assign, cancel, emit, raise, setup } from 'xstate';

/** A small chart that uses every kind of effect the kernel hosts. */
export interface DoorContext {
  readonly opened: number;
}
export type DoorEvent =
  | { readonly type: 'open' }
  | { readonly type: 'close' }
  | { readonly type: 'lock' }
  | { readonly type: 'knock'; readonly by: string }
  | { readonly type: 'sealed' }
  | { readonly type: 'blow' }
  | { readonly type: 'remind' };

export const doorMachine = setup({
  types: {
    context: {} as DoorContext,
    events: {} as DoorEvent,
    emitted: {} as { readonly type: 'knocked'; readonly by: string },
    input: {} as { readonly opened: number },
  },
  actions: {
    count: assign({ opened: ({ context }) => context.opened + 1 }),
    ring: (_, _params: { readonly tone: string }) => {},
    light: () => {},
    explode: assign(() => {
      throw new Error('blown up');
    }),
    tellKnock: emit(({ event }) => ({
      type: 'knocked' as const,
      by: event.type === 'knock' ? event.by : '?',
    })),
    remindLater: raise({ type: 'remind' }, { id: 'reminder', delay: 2_000 }),
    forgetReminder: cancel('reminder'),
  },
  guards: { isWorn: ({ context }) => context.opened >= 5 },
  delays: { closing: 5_000 },
}).createMachine({
  id: 'door',
  initial: 'closed',
  context: ({ input }) => ({ opened: input.opened }),
  on: { blow: { actions: 'explode' }, sealed: '.gone' },
  states: {
    closed: {
      entry: 'light',
      on: {
        open: { target: 'open', actions: 'count' },
        lock: 'locked',
        knock: { actions: ['tellKnock', { type: 'ring', params: { tone: 'low' } }] },
      },
    },
    open: {
      entry: 'remindLater',
      exit: 'forgetReminder',
      after: { closing: 'closed' },
      always: { guard: 'isWorn', target: 'gone' },
      on: { close: 'closed', remind: { actions: { type: 'ring', params: { tone: 'high' } } } },
    },
    locked: { on: { open: 'closed' } },
    gone: { type: 'final' },
  },
});
