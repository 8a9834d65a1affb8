/** Who or what a finding is about: a person has to know where to go first. */
export const AREAS = {
  configuration: 'the configuration',
  directory: 'the data directory',
  network: 'the network',
  key: 'the key',
  runtime: 'the runtime',
  ea: 'the Expert Advisor',
  terminal: "the terminal's switches",
  account: 'the account',
  market: 'the symbols',
  clock: 'the clocks',
} as const;
export type Area = keyof typeof AREAS;

/** One line of `bulwark doctor`. `warn`: it trades, and should be looked at. `fail`: it does not. */
export interface Finding {
  readonly area: Area;
  readonly status: 'ok' | 'warn' | 'fail';
  /** What was found, with its cause. */
  readonly what: string;
  /** What to do next; null where there is nothing to do. */
  readonly next: string | null;
}

export const ok = (area: Area, what: string): Finding => ({ area, status: 'ok', what, next: null });
export const warn = (area: Area, what: string, next: string): Finding => ({
  area,
  status: 'warn',
  what,
  next,
});
export const fail = (area: Area, what: string, next: string): Finding => ({
  area,
  status: 'fail',
  what,
  next,
});
