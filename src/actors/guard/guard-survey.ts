import type { Position } from '../../domain/trading.ts';
import type { Snapshot } from '../messages.ts';
import { did, type Finding, warned } from '../recovery/recovery-findings.ts';
import { type GuardOptions, type GuardState, ownerOf } from './guard-state.ts';

/**
 * What a snapshot says beside what the guard believed. The terminal is right about what is open; the
 * guard is told what changed behind its back, and what no order of ours can explain.
 */
export interface Survey {
  readonly findings: readonly Finding[];
  /** Two orders of one intent are there: both count, and nothing opens until a person looked. */
  readonly duplicate: string | undefined;
}

export const survey = (state: GuardState, options: GuardOptions, snapshot: Snapshot): Survey => {
  const findings: Finding[] = [];
  for (const position of snapshot.positions) {
    findings.push(...ofPosition(state, options, position));
  }
  for (const ticket of state.positions.keys()) {
    const isOpen = snapshot.positions.some((position) => position.ticket === ticket);
    if (!isOpen) findings.push(did(`position ${ticket} was closed meanwhile`));
  }
  return { findings, duplicate: duplicateOf(snapshot, options) };
};

const ofPosition = (
  state: GuardState,
  options: GuardOptions,
  position: Position,
): readonly Finding[] => {
  const { ticket, magic, stopLoss } = position;
  const before = state.positions.get(ticket);
  if (before === undefined) {
    const owner = ownerOf(options, magic);
    const whose = owner === undefined ? 'of no strategy of ours' : `adopted by ${owner.id}`;
    return [did(`position ${ticket} is open, ${whose}`)];
  }
  if (before.stopLoss === stopLoss) return [];
  const from = before.stopLoss ?? 'none';
  const words = `the stop of position ${ticket} moved from ${from} to ${stopLoss ?? 'none'} points`;
  return [warned('recovery.stopMoved', `${words} at the terminal; what the terminal has counts`)];
};

/** An opening magic names one order. More than one order, or position, that bears it is one intent
 * executed twice. A venue that charges swap by opening again gives a new ticket, and no new order. */
const duplicateOf = (snapshot: Snapshot, options: GuardOptions): string | undefined => {
  const orders = new Map<string, Set<string>>();
  const positions = new Map<string, Set<string>>();
  const note = (into: typeof orders, magic: string, ticket: string): void => {
    if (ownerOf(options, magic) === undefined) return;
    into.set(magic, (into.get(magic) ?? new Set()).add(ticket));
  };
  for (const { magic, ticket } of snapshot.orders) note(orders, magic, ticket);
  for (const deal of snapshot.deals) {
    if (deal.entry === 'in' && deal.reason !== 'rollover') {
      note(orders, deal.magic, deal.orderTicket);
    }
  }
  for (const { magic, ticket } of snapshot.positions) note(positions, magic, ticket);
  for (const [what, found] of [
    ['positions', positions],
    ['orders', orders],
  ] as const) {
    for (const [magic, tickets] of found) {
      if (tickets.size < 2) continue;
      return `${tickets.size} ${what} bear the magic ${magic} of one intent: ${[...tickets].join(', ')}`;
    }
  }
  return undefined;
};

/** Differences of a snapshot taken while trading goes on, after everything reported before it. */
export const differences = (state: GuardState, snapshot: Snapshot): readonly string[] => {
  const found: string[] = [];
  const { ledger } = state;
  // Our book, which adds up deals; the account is whatever the terminal said last.
  if (ledger !== null && ledger.balance !== snapshot.account.balance) {
    found.push(`the balance is ${snapshot.account.balance}, not ${ledger.balance} minor units`);
  }
  found.push(...unlike('position', state.positions, snapshot.positions, shapeOfPosition));
  found.push(...unlike('order', state.orders, snapshot.orders, shapeOfOrder));
  return found;
};

const shapeOfPosition = ({ volumeE8, stopLoss, takeProfit }: Position): string =>
  `volume ${volumeE8}, stop ${stopLoss ?? 'none'}, target ${takeProfit ?? 'none'}`;
const shapeOfOrder = (order: Snapshot['orders'][number]): string =>
  `price ${order.price}, open ${order.volumeE8 - order.filledE8}, stop ${order.stopLoss ?? 'none'}`;

const unlike = <T extends { readonly ticket: string }>(
  what: string,
  ours: ReadonlyMap<string, T>,
  theirs: readonly T[],
  shape: (item: T) => string,
): readonly string[] => {
  const there = new Map(theirs.map((item) => [item.ticket, item]));
  const gone = [...ours.keys()].filter((ticket) => !there.has(ticket));
  const changed = theirs.flatMap((item) => {
    const mine = ours.get(item.ticket);
    if (mine === undefined) return [`${what} ${item.ticket} was never reported`];
    const [before, after] = [shape(mine), shape(item)];
    return before === after ? [] : [`${what} ${item.ticket} has ${after}, not ${before}`];
  });
  return [...gone.map((ticket) => `${what} ${ticket} is gone`), ...changed];
};
