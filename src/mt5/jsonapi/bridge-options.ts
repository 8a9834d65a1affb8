import type { Instrument } from '../../domain/instrument.ts';
import type { TerminalAccountOptions } from '../terminal/options.ts';
import type { CurveClientKeys } from '../wire/curve.ts';

/** What the EA cannot be asked for, and has to be stated. */
export interface StatedTerminal {
  readonly account: Omit<TerminalAccountOptions, 'balanceMinor'>;
  readonly accountKind: 'demo' | 'contest' | 'real';
  /** Every symbol that is traded, as the broker specifies it. */
  readonly instruments: readonly Instrument[];
  /** Zone of the trade server's clock, as `market.serverTz`. */
  readonly serverTz: string;
}

/** Everything that a bridge to an EA of the kind of MQL5-JSON-API needs to know. */
export interface JsonApiOptions extends StatedTerminal {
  /** Runtime to connect to: `tcp://host:port`, several separated by commas, the nearest first. */
  readonly endpoint: string;
  /** Holds the register, the journal of attempts and the book; one bridge at a time. */
  readonly dataDir: string;
  readonly instanceId: string;
  /** As TerminalOptions.reconnect. */
  readonly reconnect?: { readonly initialMs: number; readonly maxMs: number };
  /** Where the EA listens. */
  readonly host: string;
  readonly sysPort: number;
  readonly dataPort: number;
  readonly livePort: number;
  readonly eventsPort: number;
  /** Wall milliseconds that a request may take before its outcome is unknown. */
  readonly answerMs: number;
  /** Wall milliseconds between two looks at the account: stops and closes by hand are never told. */
  readonly pollMs: number;
  /** Wall milliseconds after which a request that shows nowhere counts as not executed. */
  readonly settleMs: number;
  readonly token?: string;
  readonly takeoverToken?: string;
  readonly curve?: CurveClientKeys;
}

/** The ports of its public source. */
export const JSON_API_DEFAULTS = {
  host: '127.0.0.1',
  sysPort: 15_555,
  dataPort: 15_556,
  livePort: 15_557,
  eventsPort: 15_558,
  answerMs: 5_000,
  pollMs: 1_000,
  settleMs: 60_000,
} as const;

/**
 * What an account loses behind such an EA, in comparison with the Expert Advisor in `mql5/`. Printed
 * at every start and by `bulwark doctor`.
 */
export const REDUCED_GUARANTEES: readonly string[] = [
  'nothing in the terminal holds the floors: while the bridge is down, only the stops of the positions do',
  'login, symbol specifications, trading hours and margin mode are what the configuration states; the EA shows server and currency only',
  'stops that were hit, closes by hand and money that moved are found by looking, not told: up to link.jsonApi.pollMs late',
  'an order without an answer is unknown until the account shows it, and counts as not executed link.jsonApi.settleMs later',
  'one position or order per symbol on hedging accounts: the EA hides every other',
  'no stop-limit orders, no expiry, no closing of positions by each other, no reversal of a netted position',
  'the EA sets no magic: what is ours is known by this data directory alone, and is foreign to any other',
  'a deal that nobody here asked for names no order, and is dated to the second',
  'commission and swap of several deals between two looks are exact in their sum only',
  'quotes between two looks of the EA are lost: bars are made of those that came',
];
