import type { Operation } from './risk-operations.ts';

/**
 * Lives in which a guard that forgets one thing loses the account. They are played besides the
 * random ones, because chance takes long to lock a winner, let the day end, and lose the rest.
 * EURUSD begins at 1.10000; one lot is 1.00 a point; a day may lose 5,000.
 */
type Life = readonly Operation[];

const open = (
  side: 'buy' | 'sell',
  stop: number,
  lots: number,
  kind: 'market' | 'limit' = 'market',
): Operation => ({
  ...{ type: 'open', symbol: 0, side, kind, stop, target: 2_500, sent: true },
  lots: Math.round(lots * 100),
});
/** More than ever fits: the model takes the largest volume that is accepted. */
const MOST = 50;
const land: Operation = { type: 'land', index: 0, part: 1 };
const landHalf: Operation = { type: 'land', index: 0, part: 2 };
const settle: Operation = { type: 'settle', index: 0 };
const filled = [land, settle];
const move = (by: number): Operation => ({
  ...{ type: 'move', symbol: 0, by, spread: 10, backwards: false },
});
const close: Operation = { type: 'close', index: 0, part: 1 };
const reset: Operation = { type: 'reset', observed: true };
const night: Operation = { type: 'rollover' };
const nights = [night, night, night];
const tighten: Operation = { type: 'tighten', index: 0, share: 0.99 };
const confirmed: Operation = { type: 'confirm', index: 0, done: true };
const denied: Operation = { type: 'confirm', index: 0, done: false };
const widen = (by: number): Operation => ({ type: 'widen', index: 0, by });
const lose: Operation = { type: 'lose', index: 0 };
const crash: Operation = { type: 'crash' };
const lag = (on: boolean): Operation => ({ type: 'lag', on });
const crashDown = move(-3_000);

/** Ten lots gain 4,750, and are closed. */
const profit = [open('buy', 100, 10), ...filled, move(500), close];
/** Ten lots lose 3,750. */
const loss = [open('buy', 300, 10), ...filled, move(-700)];

export const RISK_LIVES: Readonly<Record<string, Life>> = {
  swapOfNightsPassedAndAhead: [
    ...[open('buy', 300, 10), ...filled, ...nights],
    ...[open('buy', 300, MOST), ...filled, ...nights, crashDown],
  ],
  winnerClosesBeforeTheReset: [
    ...[open('buy', 100, 10), ...filled, move(1_000), tighten, confirmed],
    ...[open('sell', 1_000, 10), ...filled, close, reset, move(1_100)],
  ],
  stopThatIsNeverChanged: [
    ...[open('buy', 100, 10), ...filled, move(1_000), tighten],
    ...[open('buy', 440, 9), ...filled, denied, crashDown],
  ],
  stopWidenedAndTheRestTaken: [
    ...[open('buy', 100, 10), ...filled, widen(200)],
    ...[open('buy', 300, MOST), ...filled, confirmed, crashDown],
  ],
  stopWidenedOverARestart: [
    ...[open('buy', 100, 10), ...filled, widen(200), crash],
    ...[open('buy', 300, MOST), ...filled, confirmed, crashDown],
  ],
  stopWidenedAndNotShown: [
    ...[open('buy', 100, 10), ...filled, widen(200), lag(true), confirmed],
    ...[open('buy', 300, MOST), ...filled, lag(false), crashDown],
  ],
  stopWidenedAsFarAsItGoes: [open('buy', 100, 10), ...filled, widen(5_000), confirmed, crashDown],
  profitThenTwoLosses: [...profit, reset, ...loss, ...loss],
  profitThenTwoLossesAndARestart: [...profit, reset, ...loss, crash, ...loss],
  profitToldAfterTheReset: [
    ...[open('buy', 100, 10), ...filled, move(500), lag(true), close, reset, lag(false)],
    ...[...loss, ...loss],
  ],
  timeOutThenBothFill: [
    open('buy', 300, MOST),
    lose,
    open('buy', 300, MOST),
    land,
    land,
    crashDown,
  ],
  crashThenBothFill: [open('buy', 300, MOST), crash, open('buy', 300, MOST), land, land, crashDown],
  bothAreSentAtOnce: [open('buy', 300, MOST), open('buy', 300, MOST), land, land, crashDown],
  halfIsFilledAndHalfIsOnItsWay: [
    ...[open('buy', 300, MOST), landHalf, open('buy', 300, MOST), land, land, land, crashDown],
  ],
  halfOfALimitIsFilled: [
    ...[open('buy', 300, MOST, 'limit'), land, landHalf, settle],
    ...[open('buy', 300, MOST), land, land, land, crashDown],
  ],
  wideStopForTheWholePosition: [
    ...[open('buy', 100, 10), ...filled, open('buy', 2_000, 1), ...filled, crashDown],
  ],
};
