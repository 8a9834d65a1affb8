import { formatLots, parseLots } from '../../../src/domain/instrument.ts';
import { RETCODE } from '../../../src/mt5/retcodes.ts';
import type {
  ClientReference,
  RequestBody,
  RequestOutcome,
} from '../../../src/mt5/terminal/engine/records.ts';
import type { FakeBroker } from './fake-broker.ts';
import type { FaultScript, SendFault } from './faults.ts';
import { failure, type Reply, rows } from './program.ts';
import type { Fields, Rows } from './rows.ts';
import { bodyOf, type TradeRequest } from './trade-requests.ts';

const ERR_TRADE_SEND_FAILED = 4756;
const SUCCESS: ReadonlySet<number> = new Set([RETCODE.PLACED, RETCODE.DONE, RETCODE.DONE_PARTIAL]);

const NOTHING: RequestOutcome = {
  retcode: 0,
  symbol: null,
  order: null,
  deal: null,
  price: null,
  volumeE8: null,
  comment: '',
};

/** OrderSend and OrderCheck: the way to the server, with what can happen on it. */
export class TradeDesk {
  readonly #broker: FakeBroker;
  readonly #rows: Rows;
  readonly #faults: FaultScript;
  readonly #kill: () => void;
  readonly #referenceOf: () => ClientReference;
  #requestId = 0;
  /** OrderSends that came to the terminal. */
  sends = 0;

  constructor(parts: {
    readonly broker: FakeBroker;
    readonly rows: Rows;
    readonly faults: FaultScript;
    readonly kill: () => void;
    /** For whom the program sends an order, for the broker's ledger. */
    readonly referenceOf: () => ClientReference;
  }) {
    this.#broker = parts.broker;
    this.#rows = parts.rows;
    this.#faults = parts.faults;
    this.#kill = parts.kill;
    this.#referenceOf = parts.referenceOf;
  }

  /** `request_id` begins again with the terminal's session. */
  newSession(): void {
    this.#requestId = 0;
  }

  send(request: TradeRequest): Reply | Promise<Reply> {
    this.sends += 1;
    this.#requestId += 1;
    const fault = this.#faults.nextSend();
    const refusal = this.#refusedHere() ?? (fault?.kind === 'retcode' ? fault.retcode : undefined);
    if (refusal !== undefined) return this.#reply(request, { ...NOTHING, retcode: refusal });
    if (fault?.kind === 'lost')
      return this.#reply(request, { ...NOTHING, retcode: RETCODE.TIMEOUT });
    if (fault?.kind === 'killBefore') return this.#dead();
    const wanted = bodyOf(this.#broker, request);
    if (typeof wanted === 'number') return this.#reply(request, { ...NOTHING, retcode: wanted });
    return this.#execute(request, wanted, fault);
  }

  #execute(
    request: TradeRequest,
    wanted: RequestBody,
    fault: SendFault | undefined,
  ): Reply | Promise<Reply> {
    const body = fault?.kind === 'partial' ? part(wanted, fault.lots) : wanted;
    const id = this.#broker.submit(body, this.#referenceOf());
    if (fault?.kind === 'late')
      return this.#reply(request, { ...NOTHING, retcode: RETCODE.TIMEOUT });
    const outcome = this.#broker.settle(id);
    if (fault?.kind === 'killAfter') return this.#dead();
    if (fault?.kind === 'executed')
      return this.#reply(request, { ...NOTHING, retcode: RETCODE.TIMEOUT });
    const partial = fault?.kind === 'partial' && outcome.retcode === RETCODE.DONE;
    const reply = this.#reply(
      request,
      partial ? { ...outcome, retcode: RETCODE.DONE_PARTIAL } : outcome,
    );
    if (fault?.kind !== 'blocks') return reply;
    return new Promise((resolve) => setTimeout(() => resolve(reply), fault.ms));
  }

  check(request: TradeRequest): Reply {
    const wanted = bodyOf(this.#broker, request);
    const account = this.#rows.account();
    const base = {
      balance: account['ACCOUNT_BALANCE'] ?? 0,
      equity: account['ACCOUNT_EQUITY'] ?? 0,
    };
    const refused = (retcode: number): Reply =>
      failure(ERR_TRADE_SEND_FAILED, { ...base, retcode });
    if (typeof wanted === 'number') return refused(wanted);
    if (wanted.type !== 'place') return rows({ ...base, retcode: 0 });
    const { retcode, marginMinor } = this.#broker.engine.check(wanted);
    if (retcode !== 0) return refused(retcode);
    const equityMinor = this.#broker.engine.equity();
    return rows({
      ...base,
      retcode: 0,
      profit: account['ACCOUNT_PROFIT'] ?? 0,
      margin: this.#rows.money(marginMinor),
      margin_free: this.#rows.money(equityMinor - marginMinor),
      margin_level: marginMinor === 0n ? 0 : Number((equityMinor * 10_000n) / marginMinor) / 100,
      comment: 'Done',
    });
  }

  /** What the terminal itself refuses before anything leaves. */
  #refusedHere(): number | undefined {
    const { switches, disconnected } = this.#faults;
    if (!switches.terminal || !switches.program) return RETCODE.CLIENT_DISABLES_AT;
    if (!switches.expert) return RETCODE.SERVER_DISABLES_AT;
    if (!switches.account) return RETCODE.TRADE_DISABLED;
    return disconnected ? RETCODE.CONNECTION : undefined;
  }

  #dead(): Promise<Reply> {
    this.#kill();
    return new Promise(() => undefined);
  }

  #reply(request: TradeRequest, outcome: RequestOutcome): Reply {
    const symbol = outcome.symbol ?? request.symbol;
    const quote = this.#broker.engine.state.quotes.get(symbol);
    const row: Fields = {
      retcode: outcome.retcode,
      deal: outcome.deal ?? 0,
      order: outcome.order ?? 0,
      volume: outcome.volumeE8 === null ? 0 : formatLots(outcome.volumeE8),
      price: this.#rows.price(symbol, outcome.price),
      bid: this.#rows.price(symbol, quote?.bid ?? null),
      ask: this.#rows.price(symbol, quote?.ask ?? null),
      comment: outcome.comment,
      request_id: this.#requestId,
    };
    return SUCCESS.has(outcome.retcode) ? rows(row) : failure(ERR_TRADE_SEND_FAILED, row);
  }
}

/** The request for fewer lots: what is left of it was not to be had. */
const part = (body: RequestBody, lots: string): RequestBody => {
  const volumeE8 = parseLots(lots);
  if (volumeE8 === undefined || (body.type !== 'place' && body.type !== 'close')) return body;
  return { ...body, volumeE8 };
};
