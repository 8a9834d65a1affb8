/**
 * What a reconciliation found or did, as a sentence. Information is normal work after an absence;
 * a warning is something that a person should look at; an error keeps the gate shut.
 */
export interface Finding {
  readonly severity: 'info' | 'warning' | 'error';
  readonly code: FindingCode;
  readonly detail: string;
}
/** `recovery.did` stands in `recovery.completed` alone; the others are events of their own too. */
export type FindingCode =
  | 'recovery.did'
  | 'recovery.stopMoved'
  | 'recovery.leasesUnknown'
  | 'recovery.foreignAccount'
  | 'recovery.clockSkewed'
  | 'recovery.unexplained'
  | 'recovery.drift'
  | 'ledger.mismatch';

const DID: FindingCode = 'recovery.did';

export const did = (detail: string): Finding => ({ severity: 'info', code: DID, detail });
export const warned = (code: FindingCode, detail: string): Finding => ({
  severity: 'warning',
  code,
  detail,
});
export const refused = (code: FindingCode, detail: string): Finding => ({
  severity: 'error',
  code,
  detail,
});
