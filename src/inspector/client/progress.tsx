import type { EvaluationStatus, ProgressStatus } from '../../actors/operator/operator-view.ts';
import { Panel } from './panel.tsx';
import { answerSignal, usePolled } from './polled.ts';

/** The rules, their phase, and how far the account has come in it. */
interface Rules {
  readonly rules: string;
  readonly progress: ProgressStatus | null;
  readonly evaluation: EvaluationStatus | null;
}
const rules = answerSignal<Rules>();

type Figure = readonly [name: string, value: string];

const of = (value: number | string, bound: number | string | null): string =>
  bound === null ? String(value) : `${value} of ${bound}`;

const figuresOf = (progress: ProgressStatus): readonly Figure[] => {
  const { profit, target, tradingDays, minDays, bestDay, bestDayMaxPercent } = progress;
  const { daysElapsed, daysLeft, bestDayHolds } = progress;
  const share = bestDayMaxPercent === null ? '' : `, at most ${bestDayMaxPercent} %`;
  return [
    ['Profit', of(profit, target)],
    ['Trading days', of(tradingDays, minDays)],
    ['Best day', bestDay === null ? '–' : `${bestDay.profit} on ${bestDay.date}${share}`],
    ...(bestDayHolds ? [] : [['Consistency', 'not held'] as const]),
    ['Day', daysLeft === null ? String(daysElapsed) : `${daysElapsed}, ${daysLeft} left`],
  ];
};

const dueOf = ({ dueAt, blockedBy }: NonNullable<EvaluationStatus['payout']>): string => {
  if (blockedBy.length === 0) return 'now';
  if (dueAt === null) return 'its cycle begins with the first trade';
  const day = new Date(dueAt).toISOString().slice(0, 10);
  return blockedBy.includes('cycle') ? `from ${day}` : `blocked: ${blockedBy.join(', ')}`;
};

const lifeOf = (evaluation: EvaluationStatus): readonly Figure[] => {
  const { id, state, accounts, failure, pause, payouts, payout } = evaluation;
  return [
    ['Evaluation', `${id}, ${state}`],
    ['Account', accounts.at(-1)?.login ?? '–'],
    ...(failure === null ? [] : [['Failed by', failure.rule] as const]),
    ...(pause === null ? [] : [['Paused by', pause.rule] as const]),
    ...(payouts === 0 ? [] : [['Payouts', String(payouts)] as const]),
    ...(payout === null
      ? []
      : [['Next payout', `${payout.share} of ${payout.withdrawable}, ${dueOf(payout)}`] as const]),
  ];
};

export const Progress = () => {
  usePolled('/rules', 3_000, rules);
  const { rules: name, progress = null, evaluation = null } = rules.value ?? {};
  const figures = [
    ...(evaluation === null ? [] : lifeOf(evaluation)),
    ...(progress === null ? [] : figuresOf(progress)),
  ];
  return (
    <Panel id="progress" title="Phase">
      <p>{name ?? 'Not known yet.'}</p>
      {figures.length === 0 ? null : (
        <dl class="figures">
          {figures.map(([title, value]) => (
            <div key={title}>
              <dt>{title}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
    </Panel>
  );
};
