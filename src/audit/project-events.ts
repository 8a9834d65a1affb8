import type { Database } from 'better-sqlite3';
import type { StoredEntry } from '../journal/types.ts';
import { moneyText, timeText } from './audit-text.ts';
import type { Digits } from './digits.ts';
import { columnsOf, insertInto } from './tables.ts';

type EntryOf<Kind extends StoredEntry['kind']> = Extract<StoredEntry, { readonly kind: Kind }>;
type EventKind =
  | 'session.started'
  | 'session.ended'
  | 'day.anchored'
  | 'mode.changed'
  | 'flatten.changed'
  | 'evaluation.changed'
  | 'epoch.claimed'
  | 'recovery.completed'
  | 'deal.booked'
  | 'event';
export type EventEntry = EntryOf<EventKind>;

interface EventText {
  readonly severity: string;
  readonly code: string;
  readonly detail: string;
  readonly path?: string | undefined;
}

const info = (code: string, detail: string): EventText => ({ severity: 'info', code, detail });

const countsText = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');

const flattenText = ({ from, to, reason }: EntryOf<'flatten.changed'>): EventText => ({
  severity: to === 'stuck' ? 'error' : 'info',
  code: `flatten.${to}`,
  detail: `from ${from}: ${reason}`,
});

/** The phase, its account, and what the state is about. */
const evaluationText = (entry: EntryOf<'evaluation.changed'>): EventText => {
  const { id, to, context } = entry;
  const leaf = to.split('.').at(-1) ?? to;
  const bound = context.bindings.at(-1);
  const about = {
    breached: context.failure === null ? '' : `: ${context.failure.rule}`,
    paused: context.pause === null ? '' : `: ${context.pause.rule}`,
  }[leaf];
  return {
    severity: leaf === 'breached' ? 'error' : leaf === 'paused' ? 'warning' : 'info',
    code: `evaluation.${leaf}`,
    detail: `${id}, ${bound?.phase ?? ''} on ${bound?.login ?? 'no account'}${about ?? ''}`,
  };
};

/** Run ids, instance ids and snapshot hashes stay in the journal: two equal replays must give the
 * same tables, and those name the process that ran. */
const textOf = (entry: EventEntry, currencyDigits: number | null): EventText => {
  switch (entry.kind) {
    case 'session.started': {
      const initial = moneyText(BigInt(entry.initialMinor), entry.currencyDigits);
      const detail = `${entry.profile}, rules ${entry.ruleSet}, initial ${initial} ${entry.currency}`;
      return info(entry.kind, detail);
    }
    case 'session.ended':
      return info(entry.kind, entry.reason);
    case 'day.anchored': {
      const anchor = moneyText(BigInt(entry.anchorMinor), currencyDigits);
      return info(entry.kind, `${entry.day}: anchor ${anchor}, ${entry.source}`);
    }
    case 'mode.changed':
      return info(`mode.${entry.to}`, `from ${entry.from}: ${entry.reason}`);
    case 'flatten.changed':
      return flattenText(entry);
    case 'evaluation.changed':
      return evaluationText(entry);
    case 'epoch.claimed':
      return info(entry.kind, `epoch ${entry.epoch}`);
    case 'recovery.completed': {
      const detail = [countsText(entry.counts), ...entry.actions].filter((part) => part !== '');
      return info(entry.kind, detail.join('; '));
    }
    case 'deal.booked': {
      const { profit, operation = 'balance', comment } = entry.deal;
      const words = [moneyText(profit, currencyDigits), operation, comment];
      // What is neither deposit nor withdrawal is named by its kind.
      const told = words.filter((word) => word !== 'balance' && word !== '');
      return info('balance.changed', told.join(' '));
    }
    case 'event':
      return entry;
  }
};

export interface EventProjection {
  readonly tell: (entry: EventEntry) => void;
  readonly snapshot: (entry: EntryOf<'account.snapshot'>) => void;
}

/** Keeps `events` and `account_snapshots`: one row per entry, never changed later. */
export const eventProjection = (db: Database, digits: Digits): EventProjection => {
  const event = insertInto(db, 'events', [...columnsOf('events'), 'journal_seq'] as const);
  const snapshot = insertInto(db, 'account_snapshots', [
    ...columnsOf('account_snapshots'),
    'journal_seq',
  ] as const);
  return {
    tell: (entry) => {
      const { severity, code, detail, path } = textOf(entry, digits.ofCurrency(entry.accountId));
      event.run({
        account_id: entry.accountId,
        at: timeText(entry.at),
        severity,
        kind: entry.kind,
        code,
        detail,
        path: path ?? null,
        journal_seq: entry.seq,
      });
    },
    snapshot: (entry) => {
      const currencyDigits = digits.ofCurrency(entry.accountId);
      const money = (minor: bigint): string => moneyText(minor, currencyDigits);
      const balance = BigInt(entry.balanceMinor);
      const equity = BigInt(entry.equityMinor);
      const dailyFloor = BigInt(entry.dailyFloorMinor);
      const totalFloor = BigInt(entry.totalFloorMinor);
      snapshot.run({
        account_id: entry.accountId,
        at: timeText(entry.at),
        balance: money(balance),
        equity: money(equity),
        floating: money(equity - balance),
        margin: money(BigInt(entry.marginMinor)),
        daily_floor: money(dailyFloor),
        total_floor: money(totalFloor),
        daily_headroom: money(equity - dailyFloor),
        total_headroom: money(equity - totalFloor),
        journal_seq: entry.seq,
      });
    },
  };
};
