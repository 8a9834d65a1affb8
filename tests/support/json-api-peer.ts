import { onTestFinished } from 'vitest';
import { Push, Reply } from 'zeromq';

/**
 * An EA of the kind of MQL5-JSON-API on real sockets, with the defects that its public source shows.
 * It answers `OK` before the work, does one thing after the other, and names no request in a reply.
 */
interface HeldPosition {
  readonly id: string;
  readonly symbol: string;
  readonly stoploss: string;
}
type Fields = Readonly<Record<string, unknown>>;

export class JsonApiPeer {
  readonly done: string[] = [];
  readonly positions: HeldPosition[] = [];
  /** MetaTrader removes an EA that indexes an array with -1. */
  isRemoved = false;
  /** Replies that the full queue of the data port drops, from now on. */
  dropped = 0;
  retcode = 10_009;
  /** It has said OK to a request and not begun with it. */
  isHolding = false;
  #nextOrder = 7_001;
  readonly #system = new Reply({ linger: 0 });
  readonly #data = new Push({ linger: 0 });
  #frozen: Promise<void> | undefined;
  #thaw: () => void = () => undefined;

  static async open(): Promise<{
    readonly peer: JsonApiPeer;
    readonly sysPort: number;
    readonly dataPort: number;
  }> {
    const peer = new JsonApiPeer();
    await peer.#system.bind('tcp://127.0.0.1:*');
    await peer.#data.bind('tcp://127.0.0.1:*');
    const portOf = (endpoint: string | null): number => Number(endpoint?.split(':').at(-1));
    const loop = peer.#serve();
    onTestFinished(async () => {
      peer.thaw();
      peer.close();
      await loop;
    });
    return {
      peer,
      sysPort: portOf(peer.#system.lastEndpoint),
      dataPort: portOf(peer.#data.lastEndpoint),
    };
  }

  /** The terminal stands still in the middle of its work, after its OK. */
  freeze(): void {
    this.#frozen = new Promise((resolve) => {
      this.#thaw = resolve;
    });
  }

  thaw(): void {
    this.#frozen = undefined;
    this.#thaw();
  }

  close(): void {
    this.#system.close();
    this.#data.close();
  }

  async #serve(): Promise<void> {
    try {
      while (!this.#system.closed) {
        const [message] = await this.#system.receive();
        await this.#system.send('OK');
        this.isHolding = this.#frozen !== undefined;
        await this.#frozen;
        this.isHolding = false;
        if (this.#data.closed || this.isRemoved) return;
        const request = JSON.parse(String(message)) as Fields;
        for (const reply of this.#work(request)) await this.#tell(reply);
      }
    } catch (error) {
      if (!this.#system.closed) throw error;
    }
  }

  async #tell(reply: string): Promise<void> {
    if (this.dropped > 0) this.dropped -= 1;
    else await this.#data.send(reply);
  }

  #work(request: Fields): readonly string[] {
    switch (request['action']) {
      case 'POSITIONS':
        return [`{"error":false,"positions":[${this.#listed().join(',')}]}`];
      case 'BALANCE':
        return ['{"balance":100000.00000000,"equity":1.0E5,"margin":0,"margin_free":100000}'];
      case 'HISTORY':
        return this.#history(request);
      case 'TRADE':
        return this.#trade(request);
      default:
        return [error(65_538)];
    }
  }

  /** Hedging: each position selects its symbol, and so the lowest ticket of it. */
  #listed(): readonly string[] {
    if (this.positions.length === 0) return ['{}'];
    return this.positions.map(({ symbol }) => {
      const first = this.positions.find((position) => position.symbol === symbol);
      const { id = '', stoploss = '0' } = first ?? {};
      return (
        `{"id":${id},"magic":0,"symbol":"${symbol}","type":"POSITION_TYPE_BUY",` +
        `"time_setup":1700000000,"open":1.10000,"stoploss":${stoploss},"takeprofit":0,"volume":0.10}`
      );
    });
  }

  #history(request: Fields): readonly string[] {
    const { actionType, chartTF, symbol } = request;
    if (actionType === 'TRADES') return ['{"trades":[]}'];
    if (chartTF !== 'TICK') {
      this.isRemoved = symbol !== 'EURUSD';
      return this.isRemoved ? [] : ['{"data":[[]],"symbol":"EURUSD","timeframe":"M1"}'];
    }
    return [`{"data":[],"symbol":${JSON.stringify(symbol)},"timeframe":"TICK"}`];
  }

  #trade({ actionType, id, comment, symbol, stoploss }: Fields): readonly string[] {
    const order = this.#nextOrder;
    this.#nextOrder += 1;
    const reply = (hasError: boolean, retcode: number): string =>
      `{"error":${hasError},"retcode":${retcode},"desription":"","order":${order},` +
      '"volume":0.1,"price":1.1,"bid":1.1,"ask":1.1,"function":"TradingModule"}';
    if (actionType === 'ORDER_TYPE_BUY') {
      this.done.push(`buy ${String(comment)}`);
      const position = { id: String(order), symbol: String(symbol), stoploss: String(stoploss) };
      this.positions.push(position);
      return [reply(false, this.retcode)];
    }
    if (actionType === 'POSITION_CLOSE_ID') {
      // The id is an int of MQL5: 64-bit tickets name another position, or none.
      this.done.push(`close ${Number(id) | 0}`);
      return [reply(true, 0)];
    }
    return [error(65_538), reply(true, 0)];
  }
}

const error = (code: number): string =>
  `{"error":true,"lastError":"${code}","description":"ERR","function":"TradingModule"}`;
