import type { EngineEnvironment } from '../terminal/engine/environment.ts';
import type { BrokerRequest } from '../terminal/engine/records.ts';
import type { ServerZone } from '../venue-time.ts';
import { updateOf } from './book-update.ts';
import type { Outcome } from './channel.ts';
import {
  concluded,
  doneRecord,
  type Flight,
  flightOf,
  refusalOf,
  shownBy,
  underWayOf,
} from './flights.ts';
import { moneyOf } from './listed.ts';
import type { Mirror } from './mirror.ts';
import {
  type Ask,
  isSameAccount,
  type Look,
  lookAt,
  type Reading,
  readAccount,
} from './reading.ts';
import type { JsonApiReply } from './replies.ts';
import type { JsonApiRequest } from './requests.ts';
import { translated } from './trade-request.ts';
import { tradeVerdict } from './trade-verdict.ts';

/** Readings in a row that may differ before the account counts as one that nobody can read. */
const READING_TRIES = 5;

export interface AccountOptions {
  readonly mirror: Mirror;
  readonly env: EngineEnvironment;
  readonly zone: ServerZone;
  readonly ask: Ask;
  /** Wall milliseconds. */
  readonly wallMs: () => number;
  /** Wall milliseconds after which a request that shows nowhere was not executed. */
  readonly settleMs: number;
  /** One line for people. */
  readonly log: (line: string) => void;
  /** Something was written into the mirror. */
  readonly onChanged: () => void;
  /** The EA has begun to hide something: whoever believed in the account has to be told. */
  readonly onHidden: () => void;
}

/** The account shown is not the one that was configured: a person has to look. */
export class ForeignAccount extends Error {}

/**
 * The account behind the EA: reads it, writes what changed into the mirror, sends each request once
 * and finds out what became of it.
 */
export class BridgeAccount {
  readonly #options: AccountOptions;
  readonly #flights = new Map<string, Flight>();
  readonly #asked = new Map<JsonApiRequest, string>();
  #look: Look | undefined;
  #lookedAt: number | undefined;
  #whole = false;
  #taken = false;
  /** Readings go one after the other: an older one must never be taken after a newer. */
  #turn: Promise<void> = Promise.resolve();

  constructor(options: AccountOptions) {
    this.#options = options;
    // What was under way when an earlier process ended may have left it, and is never sent again.
    const { state } = options.mirror;
    for (const request of state.requests.values())
      this.#flights.set(
        request.id,
        flightOf(request, state, { type: 'unknown', reason: 'the bridge was started again' }),
      );
  }

  /** The account was read and written down at least once. */
  get isRead(): boolean {
    return this.#taken;
  }
  /** The last reading was one, and named every position. */
  get isWhole(): boolean {
    return this.#whole;
  }
  get account(): Look['account'] | undefined {
    return this.#look?.account;
  }
  /** Wall milliseconds since the EA answered last. */
  silentMs(): number {
    const { wallMs } = this.#options;
    return this.#lookedAt === undefined ? Number.POSITIVE_INFINITY : wallMs() - this.#lookedAt;
  }

  /** A short look; a whole reading when something changed, or something is awaited. */
  poll(): Promise<void> {
    return this.#inTurn(async () => {
      const seen = await lookAt(this.#options.ask);
      if (seen === undefined) return;
      const before = this.#look;
      this.#seen(seen);
      const isQuiet = before !== undefined && this.#whole && this.#flights.size === 0;
      if (!isQuiet || !isSameAccount(before, seen)) await this.#read();
    });
  }

  /** Reads everything and writes it down. Rejects with ForeignAccount. */
  refresh(): Promise<void> {
    return this.#inTurn(() => this.#read());
  }

  #inTurn(read: () => Promise<void>): Promise<void> {
    const mine = this.#turn.then(read);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  async #read(): Promise<void> {
    const { ask } = this.#options;
    const reading = await readAccount(ask, READING_TRIES);
    if (reading === undefined) {
      this.#judge(false, 'the account cannot be read as a whole; nothing is opened meanwhile');
      return;
    }
    this.#seen(reading);
    this.#take(reading);
  }

  /** Sends every request that waits and was not sent before. Whoever calls has made them durable. */
  leave(): void {
    const { mirror, env } = this.#options;
    for (const request of [...mirror.state.requests.values()]) {
      if (this.#flights.has(request.id)) continue;
      const flight = flightOf(request, mirror.state, undefined);
      const words = translated({ state: mirror.state, env, isWhole: this.#whole }, request);
      if ('retcode' in words) {
        this.#done(flight, words);
        continue;
      }
      this.#flights.set(request.id, flight);
      this.#asked.set(words.request, request.id);
      this.#send(request, words.request).catch((error: unknown) =>
        this.#options.log(String(error)),
      );
    }
  }

  /** An answer to a request that was given up. */
  late(request: JsonApiRequest, replies: readonly JsonApiReply[]): void {
    this.#answered(request, { type: 'answered', replies });
  }

  async #send(request: BrokerRequest, words: JsonApiRequest): Promise<void> {
    const outcome = await this.#options.ask(words);
    this.#answered(words, outcome);
    // What it changed is told with it: the mark and its effect in one transaction.
    if (this.#flights.has(request.id)) await this.refresh();
  }

  #answered(words: JsonApiRequest, outcome: Outcome): void {
    const id = this.#asked.get(words) ?? '';
    const flight = this.#flights.get(id);
    if (flight === undefined) return;
    const verdict = tradeVerdict(outcome);
    const refusal = refusalOf(verdict);
    if (refusal === undefined) {
      this.#flights.set(id, { ...flight, verdict, absentSince: undefined });
      return;
    }
    this.#done(flight, refusal);
  }

  #done(flight: Flight, shown: Parameters<typeof doneRecord>[2]): void {
    const { mirror, onChanged } = this.#options;
    const { id } = flight.request;
    this.#flights.delete(id);
    for (const [words, asked] of this.#asked) if (asked === id) this.#asked.delete(words);
    mirror.record([doneRecord(mirror.state.now, flight, shown)]);
    onChanged();
  }

  #seen(look: Look): void {
    const { mirror, wallMs } = this.#options;
    this.#look = look;
    this.#lookedAt = wallMs();
    const { account } = mirror.state;
    if (account === undefined) return;
    const { currency, server, equity, margin } = look.account;
    if (currency !== account.currency || server !== account.server) {
      const shown = `${server} in ${currency}`;
      throw new ForeignAccount(
        `the terminal shows an account of ${shown}, not of ${account.server} in ${account.currency}`,
      );
    }
    const money = (text: string) => moneyOf(text, account.currencyDigits);
    mirror.report({ equityMinor: money(equity), marginMinor: money(margin), at: mirror.state.now });
  }

  #take(whole: Reading): void {
    const { mirror, env, zone, onChanged } = this.#options;
    const reading = known(whole, env);
    this.#refuseOther(reading);
    const flights = [...this.#flights.values()];
    const book = { state: mirror.state, env, zone };
    const update = updateOf(book, reading, flights.map(underWayOf));
    if (update === undefined) {
      this.#judge(false, 'the balance moved, and no deal says why; it is read again');
      return;
    }
    mirror.record(update.records);
    for (const flight of flights) this.#settle(flight, update.matches);
    const hides = reading.hidden > 0;
    const isNews = hides && this.#whole;
    this.#judge(!hides, `the EA hides ${reading.hidden} of its positions and orders`);
    if (isNews) this.#options.onHidden();
    this.#taken = true;
    onChanged();
  }

  #settle(flight: Flight, matches: NonNullable<ReturnType<typeof updateOf>>['matches']): void {
    const { mirror, wallMs, settleMs } = this.#options;
    const { request, verdict, absentSince } = flight;
    if (verdict === undefined && !matches.has(request.id)) return;
    const shown =
      shownBy(mirror.state, flight, matches.get(request.id)) ??
      concluded(flight, wallMs(), settleMs);
    if (shown === undefined) {
      this.#flights.set(request.id, { ...flight, absentSince: absentSince ?? wallMs() });
      return;
    }
    this.#done(flight, shown);
  }

  #judge(isWhole: boolean, why: string): void {
    const wasWhole = this.#whole;
    this.#whole = isWhole;
    if (wasWhole === isWhole) return;
    this.#options.log(isWhole ? 'the account is read whole' : why);
  }

  /** A deal of the book that the history lacks belongs to another account. */
  #refuseOther(reading: Reading): void {
    const listed = new Set(reading.deals.map(({ ticket }) => ticket));
    const missing = this.#options.mirror.state.deals.find(({ ticket }) => !listed.has(ticket));
    if (missing === undefined) return;
    throw new ForeignAccount(
      `deal ${missing.ticket} of this account's book is not in the terminal's history`,
    );
  }
}

/** Without what is of a symbol that the configuration does not describe: it counts as hidden. */
const known = (reading: Reading, env: EngineEnvironment): Reading => {
  const isKnown = ({ symbol }: { readonly symbol: string }): boolean => env.instruments.has(symbol);
  const positions = reading.positions.filter(isKnown);
  const orders = reading.orders.filter(isKnown);
  const strangers =
    reading.positions.length + reading.orders.length - positions.length - orders.length;
  return { ...reading, positions, orders, hidden: reading.hidden + strangers };
};
