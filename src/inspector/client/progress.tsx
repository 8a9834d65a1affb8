import { Panel } from './panel.tsx';
import { answerSignal, usePolled } from './polled.ts';

/** The rules, their phase, and how far the account has come in it. */
interface Rules {
  readonly rules: string;
  readonly evaluation: Readonly<Record<string, unknown>> | null;
}
const rules = answerSignal<Rules>();

const textOf = (value: unknown): string =>
  value === null || value === undefined
    ? '–'
    : typeof value === 'object'
      ? Object.entries(value)
          .map(([name, item]) => `${name} ${textOf(item)}`)
          .join(', ')
      : String(value);

export const Progress = () => {
  usePolled('/rules', 3_000, rules);
  const current = rules.value;
  return (
    <Panel id="progress" title="Phase">
      <p>{current?.rules ?? 'Not known yet.'}</p>
      {current?.evaluation === null || current?.evaluation === undefined ? null : (
        <dl class="figures">
          {Object.entries(current.evaluation).map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{textOf(value)}</dd>
            </div>
          ))}
        </dl>
      )}
    </Panel>
  );
};
