import type { Outcome } from './channel.ts';
import type { JsonApiReply } from './replies.ts';

/** What is known of a TRADE request. `unknown` is left only on evidence: lists of the terminal. */
export type TradeVerdict =
  /** The trade server's own word, to be classified as any retcode. */
  | {
      readonly type: 'result';
      readonly retcode: number;
      readonly order: string;
      readonly volume: string;
      readonly price: string;
    }
  /** Nothing reached the broker. */
  | { readonly type: 'refused'; readonly reason: string }
  | { readonly type: 'unknown'; readonly reason: string };

/** ERR_WRONG_ACTION of the EA: it did not know what to do, and did nothing. */
const WRONG_ACTION = 65_538;

type TradeReply = Extract<JsonApiReply, { readonly type: 'trade' }>;

/**
 * Judges the outcome of one TRADE request. The EA says its first error twice (an error message, and
 * then a trade reply with retcode 0), so the number of replies means nothing; two trade replies mean
 * that one of them is somebody else's.
 */
export const tradeVerdict = (outcome: Outcome): TradeVerdict => {
  if (outcome.type === 'notSent') return { type: 'refused', reason: outcome.why };
  if (outcome.type === 'unknown') return { type: 'unknown', reason: outcome.why };
  const { replies } = outcome;
  const trades = replies.filter((reply): reply is TradeReply => reply.type === 'trade');
  const [trade] = trades;
  if (trade === undefined) return { type: 'unknown', reason: 'its reply was dropped' };
  if (trades.length > 1) return { type: 'unknown', reason: 'two replies to one request' };
  if (trade.retcode !== 0) {
    const { retcode, order, volume, price } = trade;
    return { type: 'result', retcode, order, volume, price };
  }
  const isUnknownAction = replies.some(
    (reply) => reply.type === 'done' && reply.code === WRONG_ACTION,
  );
  return isUnknownAction
    ? { type: 'refused', reason: 'the EA does not know this action' }
    : { type: 'unknown', reason: 'it gave no retcode' };
};
