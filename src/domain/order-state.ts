/**
 * Leaves of an order's life after which nothing more is owed to it: no reservation, no retry, no
 * question to the terminal. A late fill may still follow a final state (a fill that crossed a
 * cancel on the wire); it is booked as a deal and moves the order to `filled`, final as well.
 */
export const FINAL_ORDER_STATES = [
  'denied',
  'filled',
  'done',
  'cancelled',
  'expired',
  'refused',
] as const;
export type FinalOrderState = (typeof FINAL_ORDER_STATES)[number];

export const isFinalOrderState = (state: string): boolean =>
  FINAL_ORDER_STATES.some((final) => final === state);
