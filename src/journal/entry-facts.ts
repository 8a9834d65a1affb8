import type { Entry } from './types.ts';

/** What an entry adds to the tables that answer questions about the journal. */
export type EntryFact =
  | { readonly type: 'planned'; readonly intentId: string; readonly key: string }
  | { readonly type: 'sent'; readonly intentId: string; readonly attempt: number }
  | {
      readonly type: 'resulted';
      readonly intentId: string;
      readonly attempt: number;
      readonly outcome: string;
    }
  | { readonly type: 'moved'; readonly intentId: string; readonly state: string }
  | { readonly type: 'dealt'; readonly ticket: string; readonly intentId: string | null }
  | { readonly type: 'claimed'; readonly epoch: number; readonly instance: string };

export const factOf = (entry: Entry): EntryFact | null => {
  switch (entry.kind) {
    case 'intent.planned':
      return { type: 'planned', intentId: entry.intent.intentId, key: entry.intent.key };
    case 'attempt.sent':
      return { type: 'sent', intentId: entry.intentId, attempt: entry.attempt };
    case 'attempt.result': {
      const { intentId, attempt, outcome } = entry;
      return { type: 'resulted', intentId, attempt, outcome };
    }
    case 'order.state':
      return { type: 'moved', intentId: entry.intentId, state: entry.state };
    case 'deal.booked':
      return { type: 'dealt', ticket: entry.deal.ticket, intentId: entry.intentId };
    case 'epoch.claimed':
      return { type: 'claimed', epoch: entry.epoch, instance: entry.instance };
    default:
      return null;
  }
};
