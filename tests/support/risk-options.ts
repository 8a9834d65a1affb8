import type { RuleSet } from '../../src/risk/rule-set.ts';
import type { StopCarelessness } from './risk-stops.ts';

/** How a guard may break its own rules: each of them must let the model break a floor. */
export type Carelessness =
  | 'releasesOnTimeout'
  | 'releasesAtRestart'
  | 'sendsBeforeReserving'
  | StopCarelessness
  | 'anchorsAnewAtRestart';

export interface ModelOptions {
  readonly ruleSet: RuleSet;
  readonly startIso: string;
  /** Always set a take-profit: floors that follow equity have no bound without. */
  readonly targets: boolean;
  readonly netting?: boolean;
  readonly careless?: Carelessness;
}
