import type { Instrument } from '../../domain/instrument.ts';
import type { EntryBody } from '../../journal/types.ts';
import { RETCODE, retcodeName } from '../../mt5/retcodes.ts';
import type { TradeReport } from '../messages.ts';
import type { Finding } from '../recovery/recovery-findings.ts';
import type { LiveOrder } from './executor-orders.ts';

export interface ExecutorLimits {
  /** Session time after which an unanswered attempt is unknown. */
  readonly replyTimeoutMs: number;
  /** Session time of proven connection before absence is asked about (T_settle). */
  readonly settleMs: number;
  /** Final orders remembered for late fills. */
  readonly finalOrders: number;
}

export interface ExecutorState {
  readonly orders: ReadonlyMap<string, LiveOrder>;
  readonly instruments: ReadonlyMap<string, Instrument>;
  /** Set by recovery: nothing that opens risk leaves an executor that was not reconciled. */
  readonly reconciled: boolean;
  /** Controller epoch of the reconciled session; 0 before. */
  readonly epoch: number;
  readonly mayOpen: boolean;
  readonly finished: Readonly<Record<string, number>>;
  /** Tickets of the newest deals given to the journal, durable or not yet. One set for the life of
   * the actor: it only grows, and forgets its oldest. */
  readonly booked: Set<string>;
  /** What the journal lacks: it could not be written, or nobody lived to do it. The next reconciliation
   * writes it. */
  readonly backlog: readonly EntryBody[];
  /** Reconciliations on their way to the disk, the backlog with them. */
  readonly writing: number;
  /** Told before the first reconciliation: weighed with its snapshot, so that a deal is not booked to
   * nobody only because its order had not been found yet. */
  readonly early: readonly TradeReport[];
  /** Tickets of orders that the terminal works on for us, and of whose intents nobody here knows: they
   * left unrecorded, and who sent them is gone. Their closing deals are not booked before a
   * reconciliation has found out whose they are. */
  readonly unrecorded: ReadonlySet<string>;
  /** Found by reconciliations that are not written down yet; recovery hears of it when they are. */
  readonly unsaid: readonly Finding[];
  /** Symbols whose orders were refused because trading is off, and the retcode of the last. */
  readonly suspects: ReadonlyMap<string, number>;
}

/** What fresh specifications say about refusals of the kind "trading is off": a symbol that is not
 * fully tradable explains them; else it is the account, or the terminal. */
export const suspicions = ({
  suspects,
  instruments,
}: Pick<ExecutorState, 'suspects' | 'instruments'>): {
  /** One sentence for each refusal that the account is the reason of. */
  readonly disabled: readonly string[];
  readonly cleared: ExecutorState['suspects'];
} => {
  const disabled = [...suspects].flatMap(([symbol, retcode]) => {
    const mode = instruments.get(symbol)?.tradeMode;
    if (retcode === RETCODE.TRADE_DISABLED && mode !== 'full') return [];
    return [
      `${retcodeName(retcode) ?? 'code'} (${retcode}) on ${symbol}, whose trade mode is ${mode}`,
    ];
  });
  return { disabled, cleared: new Map() };
};
