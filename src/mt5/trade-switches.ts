/**
 * The four switches that MetaTrader asks before it lets a program trade, and what each one off means.
 * The words follow its documentation of TERMINAL_TRADE_ALLOWED, MQL_TRADE_ALLOWED,
 * ACCOUNT_TRADE_ALLOWED and ACCOUNT_TRADE_EXPERT.
 */
export const TRADE_SWITCHES = {
  terminal: 'AutoTrading is off: press its button in the terminal',
  mql: "algo trading is off in the Expert Advisor's own settings",
  account: 'the account may not trade: logged in with the investor password, or disabled',
  expert: 'the broker does not let Expert Advisors trade this account',
} as const;
export type TradeSwitch = keyof typeof TRADE_SWITCHES;
