import type { ControlAnswer } from '../actors/control/control-protocol.ts';
import type {
  AccountStatus,
  EvaluationStatus,
  PayoutStatus,
  ProgressStatus,
  RuntimeStatus,
  SymbolExplanation,
} from '../actors/operator/operator-view.ts';

/** A running system in lines: a sentence first, then what stands behind it. */
const time = (ms: number): string => new Date(ms).toISOString().replace('T', ' ').slice(0, 19);

export const renderStatus = (status: RuntimeStatus, staleMs: ControlAnswer['staleMs']): string => {
  const stale =
    staleMs === undefined
      ? []
      : [`the main thread is busy: this is from ${(staleMs / 1_000).toFixed(1)} s ago`];
  const troubled = status.troubled.map(({ path, status: is }) => `  ${path} is ${is}`);
  return [
    ...stale,
    ...status.accounts.flatMap(accountLines),
    `run       ${status.runId} (${status.profile})  ${time(status.at)} market time, UTC` +
      `   restarts ${status.restarts}`,
    ...(troubled.length === 0 ? [] : ['trouble', ...troubled]),
  ]
    .map((line) => `${line}\n`)
    .join('');
};

const sentence = ({ mode, flatten }: AccountStatus): string => {
  const closing = ['idle', 'flat', 'unknown'].includes(flatten.state)
    ? ''
    : `; everything is being closed (${flatten.state})`;
  switch (mode.name) {
    case 'active':
      return `trading${closing}`;
    case 'reducing':
      return mode.limits.length === 0
        ? `only closing: the worst case uses most of the headroom${closing}`
        : `only closing: ${mode.limits.map(({ detail }) => detail).join('; ')}${closing}`;
    case 'locked':
      return `locked: ${mode.reason}; a person must rearm it${closing}`;
    case 'halted':
      return `halted: ${mode.holds.join(', ') || mode.reason}${closing}`;
  }
};

const accountLines = (account: AccountStatus): readonly string[] => {
  const { login, rules, currency, link, floors } = account;
  const floorText = (name: 'daily' | 'total'): string => {
    const floor = floors?.[name];
    if (floor === null || floor === undefined) return `${name} -`;
    return `${name} ${floor.floor} (${floor.headroom ?? '-'} above)`;
  };
  return [
    `${login}   ${sentence(account)}`,
    `rules     ${rules}   gate ${account.gateOpen ? 'open' : 'shut'}   link ${link.state}, epoch ${link.epoch}` +
      (account.breaker === null ? '' : `   breaker ${account.breaker.state}`),
    `equity    ${account.equity ?? '-'} ${currency}   balance ${account.balance ?? '-'}   lowest ${account.minEquity ?? '-'}`,
    `floors    ${floorText('daily')}   ${floorText('total')}`,
    ...progressLine(account.progress),
    ...(account.evaluation === null ? [] : evaluationLines(account.evaluation)),
    ...account.positions.map(
      ({ ticket, symbol, side, volume, open, stopLoss, now, strategy }) =>
        `position  ${symbol} ${side} ${volume} lots at ${open}  stop ${stopLoss ?? 'none'}` +
        `  now ${now ?? '-'}  #${ticket}  ${strategy ?? 'not ours'}`,
    ),
    ...account.orders.map(
      ({ ticket, symbol, side, kind, volume, price }) =>
        `order     ${symbol} ${side} ${kind} ${volume} lots at ${price}  #${ticket}`,
    ),
    ...account.strategies.map(
      ({ id, state, bars, signals, restarts }) =>
        `strategy  ${id} ${state}  ${bars} bars, ${signals} signals, ${restarts} restarts`,
    ),
  ];
};

/** How far the account has come under its phase. */
export const progressLine = (progress: ProgressStatus | null): readonly string[] => {
  if (progress === null) return [];
  const { profit, target, tradingDays, minDays, bestDay, bestDayMaxPercent } = progress;
  const { daysElapsed, daysLeft, headroom } = progress;
  const best =
    bestDayMaxPercent === null
      ? ''
      : ` (at most ${bestDayMaxPercent} % of the profit${progress.bestDayHolds ? '' : ', NOT held'})`;
  return [
    `progress  profit ${profit}${target === null ? '' : ` of ${target}`}` +
      `   trading days ${tradingDays}${minDays === null ? '' : ` of ${minDays}`}` +
      `   day ${daysElapsed}${daysLeft === null ? '' : `, ${daysLeft} left`}`,
    `          best day ${bestDay === null ? '-' : `${bestDay.profit} on ${bestDay.date}`}${best}` +
      `   headroom daily ${headroom.daily ?? '-'}, total ${headroom.total}`,
  ];
};

/** What each state of the evaluation means for a person. */
const EVALUATION_WORDS: Readonly<Record<string, string>> = {
  notStarted: 'not started',
  'inPhase.trading': 'traded',
  'inPhase.settling': 'target reached; nothing opens until what is open is closed',
  'inPhase.paused': 'paused by a soft limit',
  awaitingReview: 'objectives met; waits for the next account: `evaluation bind`',
  'funded.earning': 'funded',
  'funded.payoutDue': 'funded; a payout may be asked for',
  'funded.paused': 'funded, paused by a soft limit',
  completed: 'completed',
  breached: 'failed',
};

export const evaluationLines = (evaluation: EvaluationStatus): readonly string[] => {
  const { id, ruleSet, state, phase, accounts, failure, pause } = evaluation;
  const { payouts, payout, scalings } = evaluation;
  const why =
    failure !== null
      ? `: ${failure.rule} on ${time(failure.at)}`
      : pause !== null
        ? `: ${pause.rule} until ${time(pause.until)}`
        : '';
  return [
    `evaluation ${id}   ${ruleSet}/${phase} on ${accounts.at(-1)?.login ?? '-'}` +
      `   ${EVALUATION_WORDS[state] ?? state}${why}`,
    ...(payouts + scalings === 0 ? [] : [`          payouts ${payouts}, scalings ${scalings}`]),
    ...(payout === null ? [] : [payoutLine(payout)]),
  ];
};

/** What stands in the way of a payout, for a person. */
const PAYOUT_WORDS: Readonly<Record<PayoutStatus['blockedBy'][number], string>> = {
  cycle: 'its days are not over',
  profit: 'there is no profit',
  consistency: 'the best day is too large a part of the profit',
  open: 'something is open',
};

const payoutLine = ({ from, dueAt, withdrawable, share, blockedBy }: PayoutStatus): string => {
  const when =
    dueAt === null || from === null
      ? 'cycle begins with the first trade'
      : `from ${time(dueAt)} (cycle since ${time(from)})`;
  const not = blockedBy.map((block) => PAYOUT_WORDS[block]).join(', ');
  return `payout    ${share} of ${withdrawable}   ${when}   ${not === '' ? 'can be asked for' : `not now: ${not}`}`;
};

export const renderWhy = (explanations: readonly SymbolExplanation[]): string =>
  explanations
    .flatMap(({ account, symbol, strategy, trades, because, lastRefusal }) => [
      `${account} ${symbol} ${strategy}: ${trades ? 'nothing is in its way' : 'does not trade'}`,
      ...because.map(({ code, cause, remedy }) => `  ${code}: ${cause}; ${remedy}`),
      ...(lastRefusal === null
        ? []
        : [`  last refusal ${time(lastRefusal.at)} ${lastRefusal.code}: ${lastRefusal.detail}`]),
    ])
    .map((line) => `${line}\n`)
    .join('');
