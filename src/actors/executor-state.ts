import type { Instrument } from '../domain/instrument.ts';
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
}
