import { describe, expect, it } from 'vitest';
import type { LifeEvent, OrderEvent, RequestEvent } from '../../../src/machines/order.events.ts';
import type { OrderContext } from '../../../src/machines/order.machine.ts';
import { orderMachine } from '../../../src/machines/order.machine.ts';
import { type DrivenChart, drivePure } from '../../support/chart-drive.ts';
import { fill, orderEvent, VOLUME } from '../../support/chart-events.ts';
import { fc } from '../../support/property-seed.ts';

const INPUT = { intentId: 'i1', action: 'open', volumeE8: VOLUME } as const;
const order = (): DrivenChart => drivePure(orderMachine, INPUT);
const contextOf = (chart: DrivenChart): OrderContext => chart.context() as OrderContext;

/** One event of each type that moves a life, and in each of its meanings. */
const EVENTS = {
  'verdict.accepted': { type: 'verdict.accepted' },
  'verdict.denied': { type: 'verdict.denied' },
  'intent.journalled': { type: 'intent.journalled' },
  'journal.failed': { type: 'journal.failed' },
  'attempt.sent': { type: 'attempt.sent', attempt: 2 },
  'never left': { type: 'attempt.unsent', mayRetry: false },
  'never left, may retry': { type: 'attempt.unsent', mayRetry: true },
  'ack.accepted': { type: 'ack.accepted' },
  'ack.refused': { type: 'ack.refused' },
  'ack.unknown': { type: 'ack.unknown' },
  'reply.timedOut': { type: 'reply.timedOut' },
  'link.lost': { type: 'link.lost' },
  'result.ambiguous': { type: 'result.ambiguous' },
  'result.refused': { type: 'result.refused' },
  'order.placed': { type: 'order.placed', orderTicket: '11' },
  'order.triggered': { type: 'order.triggered' },
  'order.cancelled': { type: 'order.cancelled' },
  'order.expired': { type: 'order.expired' },
  'change.made': { type: 'change.made' },
  'filled in part': fill('d9', 30),
  'filled whole': fill('d9', VOLUME),
  'result.retryable': { type: 'result.retryable' },
  'retry.granted': { type: 'retry.granted' },
  'retry.denied': { type: 'retry.denied' },
  'retry.expired': { type: 'retry.expired' },
  'absent, may retry': { type: 'absence.confirmed', mayRetry: true },
  'absent for good': { type: 'absence.confirmed', mayRetry: false },
} as const satisfies Readonly<Record<string, LifeEvent>>;
type EventName = keyof typeof EVENTS;

/** How a chart gets into each state. */
const SENT: readonly EventName[] = ['verdict.accepted', 'intent.journalled', 'attempt.sent'];
const WAYS = {
  planned: [],
  reserved: ['verdict.accepted'],
  journalled: ['verdict.accepted', 'intent.journalled'],
  sent: SENT,
  accepted: [...SENT, 'ack.accepted'],
  'accepted on the book': [...SENT, 'order.placed'],
  triggered: [...SENT, 'order.placed', 'order.triggered'],
  unknown: [...SENT, 'reply.timedOut'],
  waiting: [...SENT, 'result.retryable'],
  done: [...SENT, 'change.made'],
  cancelled: [...SENT, 'order.cancelled'],
  expired: [...SENT, 'order.expired'],
  refused: [...SENT, 'result.refused'],
  denied: ['verdict.denied'],
} as const satisfies Readonly<Record<string, readonly EventName[]>>;

const VENUE = {
  'order.cancelled': 'cancelled',
  'order.expired': 'expired',
  'change.made': 'done',
  'filled in part': 'partiallyFilled',
  'filled whole': 'filled',
} as const;
const UNSENT = { 'never left': 'expired', 'never left, may retry': 'waiting' } as const;
/** Where each event leads; what is not here changes nothing. */
const TABLE: Readonly<Record<keyof typeof WAYS, Partial<Record<EventName, string>>>> = {
  planned: { 'verdict.accepted': 'reserved', 'verdict.denied': 'denied' },
  reserved: { 'intent.journalled': 'journalled', 'journal.failed': 'denied' },
  journalled: { 'attempt.sent': 'sent', 'journal.failed': 'expired', ...UNSENT },
  sent: {
    ...VENUE,
    ...UNSENT,
    'ack.accepted': 'accepted',
    'ack.refused': 'refused',
    'ack.unknown': 'unknown',
    'result.refused': 'refused',
    'result.retryable': 'waiting',
    'result.ambiguous': 'unknown',
    'order.placed': 'accepted',
    'reply.timedOut': 'unknown',
    'link.lost': 'unknown',
  },
  accepted: {
    ...VENUE,
    'order.placed': 'accepted',
    'order.triggered': 'triggered',
    'result.refused': 'refused',
    'result.retryable': 'waiting',
    'result.ambiguous': 'unknown',
    'reply.timedOut': 'unknown',
    'link.lost': 'unknown',
    'absent, may retry': 'unknown',
    'absent for good': 'unknown',
  },
  'accepted on the book': {
    ...VENUE,
    'order.placed': 'accepted',
    'order.triggered': 'triggered',
    'result.refused': 'refused',
    'result.retryable': 'waiting',
    'result.ambiguous': 'unknown',
    'absent, may retry': 'unknown',
    'absent for good': 'unknown',
  },
  triggered: { ...VENUE, 'result.refused': 'refused' },
  unknown: {
    ...VENUE,
    'order.placed': 'accepted',
    'ack.refused': 'refused',
    'result.refused': 'refused',
    'result.retryable': 'waiting',
    'absent, may retry': 'waiting',
    'absent for good': 'expired',
  },
  waiting: {
    ...VENUE,
    'retry.granted': 'journalled',
    'retry.denied': 'refused',
    'retry.expired': 'expired',
  },
  // A fill that crossed the end on the wire still counts; only a whole one is another end.
  cancelled: { 'filled in part': 'cancelled', 'filled whole': 'filled' },
  expired: { 'filled in part': 'expired', 'filled whole': 'filled' },
  done: {},
  refused: {},
  denied: {},
};
const names = <K extends string>(record: Readonly<Record<K, unknown>>): readonly K[] =>
  Object.keys(record) as K[];

const into = (state: keyof typeof WAYS): DrivenChart => {
  const chart = order();
  for (const name of WAYS[state]) chart.send(EVENTS[name]);
  chart.take();
  return chart;
};

const lifeOf = (chart: DrivenChart): string => /^life\.(\w+)\./.exec(chart.value())?.[1] ?? '';
const requestOf = (chart: DrivenChart): string => /request\.(\w+)$/.exec(chart.value())?.[1] ?? '';

const REQUESTS = {
  'modify.sent': { type: 'modify.sent' },
  'cancel.sent': { type: 'cancel.sent' },
  'request.made': { type: 'request.made' },
  'request.refused': { type: 'request.refused' },
  'request.lost': { type: 'request.lost' },
} as const satisfies Readonly<Record<RequestEvent['type'], RequestEvent>>;
/** What ends a request together with the order. */
const ENDS = {
  'order.cancelled': 'idle',
  'order.expired': 'idle',
  'filled whole': 'idle',
} as const;
const ANSWERS = { 'request.made': 'idle', 'request.refused': 'idle', ...ENDS } as const;
type AnyName = EventName | keyof typeof REQUESTS;
const REQUEST_WAYS = {
  idle: [],
  modifying: ['modify.sent'],
  cancelling: ['cancel.sent'],
  requestUnknown: ['cancel.sent', 'request.lost'],
} as const satisfies Readonly<Record<string, readonly (keyof typeof REQUESTS)[]>>;
const REQUEST_TABLE: Readonly<Record<keyof typeof REQUEST_WAYS, Partial<Record<AnyName, string>>>> =
  {
    idle: { 'modify.sent': 'modifying', 'cancel.sent': 'cancelling' },
    modifying: { ...ANSWERS, 'request.lost': 'requestUnknown', 'cancel.sent': 'cancelling' },
    cancelling: { ...ANSWERS, 'request.lost': 'requestUnknown' },
    requestUnknown: { ...ANSWERS, 'modify.sent': 'modifying', 'cancel.sent': 'cancelling' },
  };

/** Somewhere in its life, and whatever may happen then. */
const lives = fc.record({
  start: fc.constantFrom(...names(WAYS)),
  events: fc.array(orderEvent, { maxLength: 12 }),
});

describe('the order chart', () => {
  it('has a row in the table for every state, and an event for every type', () => {
    const reached = new Set(names(WAYS).map((state) => lifeOf(into(state))));
    const states = Object.keys(orderMachine.root.states['life']?.states ?? {});
    const byFills = ['partiallyFilled', 'filled'];
    expect([...reached, ...byFills].sort()).toEqual(states.sort());
    const types = new Set<string>(Object.values(EVENTS).map(({ type }) => type));
    for (const { type } of Object.values(REQUESTS)) types.add(type);
    expect([...types].sort()).toEqual([...orderMachine.events].sort());
  });

  it.each(names(WAYS))('leads every event to where the table says: %s', (state) => {
    for (const name of names(EVENTS)) {
      const chart = into(state);
      const before = [chart.value(), chart.context()];
      chart.send(EVENTS[name]);
      const target = TABLE[state][name];
      if (target === undefined) {
        expect([chart.value(), chart.context()], `${name} in ${state}`).toEqual(before);
        expect(chart.take(), `${name} in ${state}`).toEqual([]);
      } else {
        expect(lifeOf(chart), `${name} in ${state}`).toBe(target);
      }
    }
  });

  it('moves a partly filled order by what the venue says alone', () => {
    for (const name of names(EVENTS)) {
      const chart = into('sent');
      chart.send(fill('d1', 50));
      chart.send(EVENTS[name]);
      const moves: Partial<Record<EventName, string>> = {
        ...VENUE,
        'filled in part': 'partiallyFilled',
      };
      expect(lifeOf(chart), name).toBe(moves[name] ?? 'partiallyFilled');
    }
  });

  it('leaves a filled order alone', () => {
    for (const name of names(EVENTS)) {
      const chart = into('sent');
      chart.send(fill('d1', VOLUME));
      const before = chart.context();
      chart.send(EVENTS[name]);
      expect([lifeOf(chart), chart.context()], name).toEqual(['filled', before]);
    }
  });

  it('counts an attempt, its ticket, and a deal that is told twice once', () => {
    const chart = into('accepted on the book');
    expect(contextOf(chart)).toMatchObject({ attempt: 2, orderTicket: '11' });
    chart.send(fill('d1', 30));
    chart.send(fill('d1', 30));
    expect(contextOf(chart)).toMatchObject({ filledE8: 30, dealTickets: ['d1'] });
  });

  it('releases its reservation once, at its end, and sends no attempt on its own account', () => {
    fc.assert(
      fc.property(lives, ({ start, events }) => {
        const chart = into(start);
        let held = !chart.tags().includes('final');
        for (const event of events) {
          const before = lifeOf(chart);
          chart.send(event);
          const asked = chart.take();
          const released = asked.filter((name) => name === 'releaseReservation').length;
          if (released > 0 && before !== 'cancelled' && before !== 'expired') {
            expect(held).toBe(true);
            held = false;
          }
          if (asked.includes('sendAttempt')) {
            const asks = event.type === 'intent.journalled' || event.type === 'retry.granted';
            expect(asks).toBe(true);
          }
          expect(chart.tags().includes('final')).toBe(!held);
        }
      }),
    );
  });

  it('is led out of unknown by evidence only, whatever the timers say', () => {
    const evidence = new Set<OrderEvent['type']>([
      'order.filled',
      'order.placed',
      'order.cancelled',
      'order.expired',
      'change.made',
      'ack.refused',
      'result.refused',
      'result.retryable',
      'absence.confirmed',
    ]);
    fc.assert(
      fc.property(fc.array(orderEvent, { maxLength: 25 }), (events) => {
        const chart = into('unknown');
        for (const event of events) {
          const before = lifeOf(chart);
          chart.send(event);
          chart.wait(86_400_000);
          if (before === 'unknown' && lifeOf(chart) !== 'unknown') {
            expect(evidence.has(event.type)).toBe(true);
          }
        }
      }),
    );
  });

  it('leaves an end only by a late fill, and never counts volume twice', () => {
    fc.assert(
      fc.property(lives, ({ start, events }) => {
        const chart = into(start);
        const counted = new Map<string, number>();
        for (const event of events) {
          const wasFinal = chart.tags().includes('final');
          const [state, before] = [lifeOf(chart), contextOf(chart).filledE8];
          chart.send(event);
          if (wasFinal && lifeOf(chart) !== state) {
            expect([event.type, lifeOf(chart)]).toEqual(['order.filled', 'filled']);
          }
          const { filledE8, dealTickets } = contextOf(chart);
          if (filledE8 !== before && event.type === 'order.filled') {
            expect(counted.has(event.dealTicket)).toBe(false);
            counted.set(event.dealTicket, event.volumeE8);
          }
          expect(filledE8).toBe([...counted.values()].reduce((sum, volume) => sum + volume, 0));
          expect([...dealTickets].sort()).toEqual([...counted.keys()].sort());
        }
      }),
    );
  });

  it.each(names(REQUEST_WAYS))(
    'leads every event of a request to where the table says: %s',
    (state) => {
      for (const name of [...names(EVENTS), ...names(REQUESTS)]) {
        const chart = into('accepted on the book');
        for (const step of REQUEST_WAYS[state]) chart.send(REQUESTS[step]);
        expect(requestOf(chart)).toBe(state);
        chart.send({ ...EVENTS, ...REQUESTS }[name]);
        expect(requestOf(chart), `${name} in ${state}`).toBe(REQUEST_TABLE[state][name] ?? state);
      }
    },
  );

  it('moves no life by a request, and has no request open once the order has ended by evidence', () => {
    fc.assert(
      fc.property(lives, ({ start, events }) => {
        const chart = into(start);
        for (const event of events) {
          const before = lifeOf(chart);
          chart.send(event);
          if (event.type in REQUESTS) expect(lifeOf(chart)).toBe(before);
          const ended = ['order.cancelled', 'order.expired'].includes(event.type);
          if (ended) expect(requestOf(chart)).toBe('idle');
        }
      }),
    );
  });
});
