/**
 * Every reason for which the guard refuses an opening order or a change: the code that the journal, metrics
 * and the inspector show, and the sentence that explains it to a person.
 */
export const REFUSALS = {
  MODE: 'The trading mode does not allow new risk.',
  GATE_CLOSED: 'Recovery has not granted the gate: what is really open is not known yet.',
  DUPLICATE: 'This decision was already turned into an order; a repetition changes nothing.',
  UNKNOWN_SYMBOL: 'The terminal has not described this symbol.',
  NO_STOP: 'An order without a protective stop has no worst case, so it is never sent.',
  SYMBOL_DISABLED: 'The broker does not allow this direction on the symbol.',
  MARKET_CLOSED: "The symbol's trading session is closed.",
  STALE_QUOTE: 'The last quote is too old to decide on.',
  NO_RATE: "No conversion rate into the account's currency is known for something that is open.",
  ENTRY_PRICE: 'The entry level is on the wrong side of the market or too close to it.',
  STOP_TOO_CLOSE: 'The stop or take-profit is closer than the broker accepts.',
  UNRESOLVED_ORDER: 'An earlier order of this strategy on this symbol has an unknown outcome.',
  NAKED_POSITION: 'Something open has no stop; no new risk until it has one.',
  MAX_POSITIONS: 'The account already holds as many positions and orders as allowed.',
  MAX_POSITIONS_SYMBOL: 'The symbol already holds as many positions and orders as allowed.',
  ORDERS_PER_DAY: "The day's opening orders are used up.",
  POSITIONS_PER_DAY: "The day's new positions are used up.",
  REQUESTS_PER_DAY: "The day's requests for openings are used up; the rest is kept for closes.",
  VOLUME_TOO_SMALL: "The size that fits the risk is below the symbol's smallest volume.",
  VOLUME_TOO_LARGE: 'The volume is above what the symbol or the rules accept in one order.',
  VOLUME_STEP: "The volume is no multiple of the symbol's lot step.",
  TRADE_RISK: 'This one order could lose more than a single trade may.',
  MARGIN: 'The free margin does not carry the order.',
  STOP_OUT: "In the worst case the broker's stop-out would come before the stops.",
  DAILY_FLOOR: 'In the worst case equity would fall to the daily floor.',
  TOTAL_FLOOR: 'In the worst case equity would fall to the total floor.',
  RESET_FLOOR: 'What may survive the next reset could lose more than the next day allows.',
  RATCHET_FLOOR: 'Closing winners would raise the floor above what the rest could still lose.',
  UNKNOWN_TICKET: 'The position or order is not one that this strategy holds now.',
  WIDER_STOP: 'A change that could lose more than before is a new request, and was not granted.',
  NO_TAKE_PROFIT: 'This floor follows floating profit; without take-profits it has no bound.',
} as const;

export type RefusalCode = keyof typeof REFUSALS;
