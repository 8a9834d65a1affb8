import { assign, setup } from 'xstate';
import type { IntentType } from '../domain/intent.ts';
import type { OrderEvent } from './order.events.ts';

/**
 * The life of one order, from a planned intent to evidence of its end.
 *
 * The rule the whole chart serves: a time-out is not a refusal. Whatever was sent and not
 * answered is `unknown`, and only the terminal's own records lead out of `unknown`. Timers may
 * lead into it, never out of it.
 */
export interface OrderContext {
  readonly intentId: string;
  readonly action: IntentType;
  readonly volumeE8: number;
  readonly attempt: number;
  readonly filledE8: number;
  readonly orderTicket: string | null;
  /** Deals already counted, so that the same fill told twice changes nothing. Bounded by lots/step. */
  readonly dealTickets: readonly string[];
}
export interface OrderInput {
  readonly intentId: string;
  readonly action: IntentType;
  readonly volumeE8: number;
}

const VENUE_FACTS = {
  'order.filled': [
    { guard: 'isKnownDeal' },
    { guard: 'completesVolume', target: 'filled', actions: 'countFill' },
    { target: 'partiallyFilled', actions: 'countFill' },
  ],
  'order.cancelled': 'cancelled',
  'order.expired': 'expired',
  'change.made': 'done',
} as const;

/** A fill that crossed the order's end on the wire. The end stays the end unless nothing is left. */
const LATE_FILL = [
  { guard: 'isKnownDeal' },
  { guard: 'completesVolume', target: 'filled', actions: 'countFill' },
  { actions: 'countFill' },
] as const;

/** Nothing left this process: what reduces risk is tried again, the rest has missed its time. */
const UNSENT = [{ guard: 'mayRetry', target: 'waiting' }, { target: 'expired' }] as const;

/** A request about an order ends with its answer, or with the order. */
const ANSWERED = {
  'request.made': 'idle',
  'request.refused': 'idle',
  'request.lost': 'requestUnknown',
  'order.cancelled': 'idle',
  'order.expired': 'idle',
  'order.filled': { guard: 'endsByFill', target: 'idle' },
} as const;

const ENDED = {
  tags: 'final',
  entry: ['recordState', 'releaseReservation'],
} as const;

export const orderMachine = setup({
  types: {
    context: {} as OrderContext,
    events: {} as OrderEvent,
    input: {} as OrderInput,
    tags: {} as 'final' | 'inFlight' | 'needsEvidence' | 'holdsReservation' | 'requestOpen',
  },
  guards: {
    isKnownDeal: ({ context, event }) =>
      event.type === 'order.filled' && context.dealTickets.includes(event.dealTicket),
    completesVolume: ({ context, event }) =>
      event.type === 'order.filled' && context.filledE8 + event.volumeE8 >= context.volumeE8,
    mayRetry: ({ event }) => 'mayRetry' in event && event.mayRetry,
    endsByFill: ({ context, event }) =>
      event.type === 'order.filled' &&
      !context.dealTickets.includes(event.dealTicket) &&
      context.filledE8 + event.volumeE8 >= context.volumeE8,
    isOnTheBook: ({ context }) => context.orderTicket !== null,
  },
  actions: {
    countAttempt: assign({
      attempt: ({ context, event }) =>
        event.type === 'attempt.sent' ? event.attempt : context.attempt,
    }),
    rememberTicket: assign({
      orderTicket: ({ context, event }) =>
        event.type === 'order.placed' ? event.orderTicket : context.orderTicket,
    }),
    countFill: assign(({ context, event }) =>
      event.type === 'order.filled'
        ? {
            filledE8: context.filledE8 + event.volumeE8,
            orderTicket: event.orderTicket,
            dealTickets: [...context.dealTickets, event.dealTicket],
          }
        : {},
    ),
    /** Effects, carried out by the executor; the chart only names them. */
    recordState: () => {},
    releaseReservation: () => {},
    sendAttempt: () => {},
    awaitReply: () => {},
    seekEvidence: () => {},
    planRetry: () => {},
  },
}).createMachine({
  id: 'order',
  type: 'parallel',
  context: ({ input }) => ({
    intentId: input.intentId,
    action: input.action,
    volumeE8: input.volumeE8,
    attempt: 0,
    filledE8: 0,
    orderTicket: null,
    dealTickets: [],
  }),
  states: {
    life: {
      description: 'What has become of the intent.',
      initial: 'planned',
      states: {
        planned: {
          description: 'A signal wants this; the guard has not answered yet.',
          on: { 'verdict.denied': 'denied', 'verdict.accepted': 'reserved' },
        },
        reserved: {
          description: 'Headroom is set aside; the intent is on its way to the disk.',
          tags: 'holdsReservation',
          on: { 'intent.journalled': 'journalled', 'journal.failed': 'denied' },
        },
        journalled: {
          description: 'Durable, nothing of this attempt has left. A crash loses nothing.',
          tags: 'holdsReservation',
          entry: 'sendAttempt',
          on: {
            'attempt.sent': { target: 'sent', actions: 'countAttempt' },
            'attempt.unsent': UNSENT,
            'journal.failed': 'expired',
          },
        },
        sent: {
          description: 'Bytes have left; the terminal has not answered.',
          tags: ['inFlight', 'holdsReservation'],
          entry: ['recordState', 'awaitReply'],
          on: {
            ...VENUE_FACTS,
            'attempt.unsent': UNSENT,
            'ack.accepted': 'accepted',
            'ack.refused': 'refused',
            'ack.unknown': 'unknown',
            'result.refused': 'refused',
            'result.retryable': 'waiting',
            'result.ambiguous': 'unknown',
            'order.placed': { target: 'accepted', actions: 'rememberTicket' },
            'reply.timedOut': 'unknown',
            'link.lost': 'unknown',
          },
        },
        accepted: {
          description: 'The terminal has taken it: executing, or working on the book.',
          tags: ['inFlight', 'holdsReservation'],
          entry: 'recordState',
          on: {
            ...VENUE_FACTS,
            'order.placed': { actions: ['rememberTicket', 'recordState'] },
            'order.triggered': 'triggered',
            'result.refused': 'refused',
            'result.retryable': 'waiting',
            'result.ambiguous': 'unknown',
            'reply.timedOut': [{ guard: 'isOnTheBook' }, { target: 'unknown' }],
            'link.lost': [{ guard: 'isOnTheBook' }, { target: 'unknown' }],
            'absence.confirmed': 'unknown',
          },
        },
        triggered: {
          description: 'A stop-limit reached its stop; its limit works on the book.',
          tags: ['inFlight', 'holdsReservation'],
          entry: 'recordState',
          on: { ...VENUE_FACTS, 'result.refused': 'refused' },
        },
        partiallyFilled: {
          description: 'Part of the volume is a position; the rest still works.',
          tags: ['inFlight', 'holdsReservation'],
          entry: 'recordState',
          on: VENUE_FACTS,
        },
        unknown: {
          description: 'Sent, and its outcome is not known. Left only on evidence.',
          tags: ['needsEvidence', 'holdsReservation'],
          entry: ['recordState', 'seekEvidence'],
          on: {
            ...VENUE_FACTS,
            'order.placed': { target: 'accepted', actions: 'rememberTicket' },
            'ack.refused': 'refused',
            'result.refused': 'refused',
            'result.retryable': 'waiting',
            'absence.confirmed': [{ guard: 'mayRetry', target: 'waiting' }, { target: 'expired' }],
          },
        },
        waiting: {
          description: 'Certainly not done. The next attempt waits for its time and the guard.',
          tags: 'holdsReservation',
          entry: ['recordState', 'planRetry'],
          on: {
            ...VENUE_FACTS,
            'retry.granted': 'journalled',
            'retry.denied': 'refused',
            'retry.expired': 'expired',
          },
        },
        filled: { description: 'The whole volume is dealt.', ...ENDED },
        done: {
          description: 'The change that was asked for is made: a cancel, or a new level.',
          ...ENDED,
        },
        cancelled: {
          description: 'Taken off the book. A fill that was under way may still arrive.',
          ...ENDED,
          on: { 'order.filled': LATE_FILL },
        },
        expired: {
          description: 'Its time ran out, or it never left this process.',
          ...ENDED,
          on: { 'order.filled': LATE_FILL },
        },
        refused: { description: 'The terminal said no, definitely.', ...ENDED },
        denied: {
          description: 'Our own guard or journal said no; the terminal never heard of it.',
          ...ENDED,
        },
      },
    },
    request: {
      description: 'What has been asked about the order while it works on the book.',
      initial: 'idle',
      states: {
        idle: {
          description: 'Nothing is asked.',
          on: { 'modify.sent': 'modifying', 'cancel.sent': 'cancelling' },
        },
        modifying: {
          description: 'New levels are on their way: either may be in force.',
          tags: 'requestOpen',
          on: { ...ANSWERED, 'cancel.sent': 'cancelling' },
        },
        cancelling: {
          description: 'Its end is asked for; until the answer it may fill.',
          tags: 'requestOpen',
          on: ANSWERED,
        },
        requestUnknown: {
          description: 'Whether the change was made is not known. Left only on evidence.',
          tags: 'requestOpen',
          on: { ...ANSWERED, 'modify.sent': 'modifying', 'cancel.sent': 'cancelling' },
        },
      },
    },
  },
});
