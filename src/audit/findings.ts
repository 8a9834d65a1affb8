/** One disagreement between the audit database and the broker's ledger. */
export interface Finding {
  readonly what: 'ledger' | 'deal' | 'order' | 'trade' | 'balance';
  /** Ticket or intent id; empty for the account as a whole. */
  readonly id: string;
  readonly field: string;
  /** What each side says; null: nothing. */
  readonly audit: string | null;
  readonly ledger: string | null;
}

/** Differences of two records over the fields of the second. */
export const differences = (
  what: Finding['what'],
  id: string,
  audit: Readonly<Record<string, string | null>>,
  ledger: Readonly<Record<string, string | null>>,
): readonly Finding[] =>
  Object.entries(ledger).flatMap(([field, value]) => {
    const ours = audit[field] ?? null;
    return ours === value ? [] : [{ what, id, field, audit: ours, ledger: value }];
  });

export const findingText = ({ what, id, field, audit, ledger }: Finding): string =>
  `${[what, id].filter((part) => part !== '').join(' ')}: ${field}: ` +
  `audit ${audit ?? 'nothing'}, ledger ${ledger ?? 'nothing'}`;
