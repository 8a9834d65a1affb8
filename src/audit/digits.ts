import type { Database } from 'better-sqlite3';
import type { StoredEntry } from '../journal/types.ts';
import { moneyText } from './audit-text.ts';

type Started = Extract<StoredEntry, { readonly kind: 'session.started' }>;
type SymbolKnown = Extract<StoredEntry, { readonly kind: 'symbol.known' }>;

/** How many digits prices and money have, as the journal told so far; null while it has not. */
export interface Digits {
  readonly ofSymbol: (accountId: string, symbol: string) => number | null;
  readonly ofCurrency: (accountId: string) => number | null;
}
export interface DigitsProjection extends Digits {
  readonly learnCurrency: (entry: Started) => void;
  readonly learnSymbol: (entry: SymbolKnown) => void;
}

export const digitsProjection = (db: Database): DigitsProjection => {
  const symbol = db
    .prepare<[string, string], number>(
      'SELECT digits FROM symbols WHERE account_id = ? AND symbol = ?',
    )
    .pluck();
  const currency = db
    .prepare<[string], number>('SELECT currency_digits FROM accounts WHERE account_id = ?')
    .pluck();
  const saveSymbol = db.prepare(
    `INSERT INTO symbols (account_id, symbol, digits) VALUES (?, ?, ?)
     ON CONFLICT DO UPDATE SET digits = excluded.digits`,
  );
  const saveCurrency = db.prepare(
    `INSERT INTO accounts (account_id, currency, currency_digits, initial) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET currency = excluded.currency,
       currency_digits = excluded.currency_digits, initial = excluded.initial`,
  );
  return {
    ofSymbol: (accountId, name) => symbol.get(accountId, name) ?? null,
    ofCurrency: (accountId) => currency.get(accountId) ?? null,
    learnSymbol: (entry) => {
      saveSymbol.run(entry.accountId, entry.symbol, entry.digits);
    },
    learnCurrency: (entry) => {
      const initial = moneyText(BigInt(entry.initialMinor), entry.currencyDigits);
      saveCurrency.run(entry.accountId, entry.currency, entry.currencyDigits, initial);
    },
  };
};
