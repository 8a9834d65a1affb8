import { FAULT_KINDS, type FaultKind, type Plan, planOf, STYLE_NAMES } from './faults.ts';
import { SCENES } from './market.ts';
import { type Outcome, play } from './play.ts';

/** Branches of our own code that a campaign over all faults has to reach: one that is never reached
 * makes its promises worth nothing. `fault.…`: the fault struck. The others: it took effect. */
const BRANCHES = [
  ...Object.keys(SCENES).map((scene) => `scene.${scene}`),
  ...STYLE_NAMES.map((style) => `style.${style}`),
  'style.pending',
  'actor.crashed',
  'actor.throwsBefore',
  'actor.throwsWithin',
  'actor.throwsAfter',
  'actor.failsToStart',
  'actor.startsLate',
  'runtime.diedInCommit',
  'terminal.endedByItself',
  'disk.tear',
  'disk.dieBeforeCommit',
  'disk.dieAfterCommit',
  'disk.full',
  'disk.io',
  'disk.slow',
  'network.lost',
  'network.duplicated',
  'network.overtaken',
  'network.delayed',
  'network.blocked',
  'network.ahead',
  'done.stopRemoved',
  'done.closedByHand',
  'notice.journal.bypassed',
  'notice.recovery.notDurable',
  'notice.link.gap',
  'notice.link.lost',
  'notice.link.registerLost',
  'notice.link.claimRefused',
  'up.query.reply',
  'down.order.cancel',
  'down.order.modify',
  'down.position.modify',
  'exhausted.park',
  'done.unparked',
  'denied.MODE',
  'denied.DAILY_FLOOR',
  'denied.ENTRY_PRICE',
  'mode.reducing',
  'end.active',
  'end.locked',
] as const;

export interface CampaignOptions {
  readonly from: number;
  readonly to: number;
  readonly mode: Plan['mode'];
  /** All of them when absent. */
  readonly kinds?: readonly FaultKind[];
  readonly onOutcome?: (outcome: Outcome) => void;
  /** Asked after every seed: true ends the campaign early. */
  readonly isOver?: () => boolean;
  /** Stops after this many failures; default 1. */
  readonly maxFailures?: number;
}

export interface CampaignReport {
  readonly seeds: number;
  readonly instants: number;
  readonly deals: number;
  readonly sometimes: ReadonlyMap<string, number>;
  /** What should have been reached by now and was not. */
  readonly missed: readonly string[];
  readonly failures: readonly Outcome[];
}

/** What a campaign has to reach, given its faults. */
export const wantedOf = (kinds: readonly FaultKind[]): readonly string[] => {
  const faults = kinds.map((kind) => `fault.${kind}`);
  return kinds.length === FAULT_KINDS.length ? [...faults, ...BRANCHES] : faults;
};

export const runCampaign = async (options: CampaignOptions): Promise<CampaignReport> => {
  const { from, to, mode, kinds = FAULT_KINDS, onOutcome, maxFailures = 1 } = options;
  const { isOver = () => false } = options;
  const sometimes = new Map<string, number>();
  const failures: Outcome[] = [];
  let seeds = 0;
  let instants = 0;
  let deals = 0;
  const goesOn = (): boolean => failures.length < maxFailures && !isOver();
  for (let seed = from; seed <= to && goesOn(); seed += 1) {
    const outcome = await play(planOf({ seed, mode, kinds }));
    seeds += 1;
    instants += outcome.instants;
    deals += outcome.deals;
    for (const [what, count] of outcome.sometimes) {
      sometimes.set(what, (sometimes.get(what) ?? 0) + count);
    }
    if (outcome.failure !== null) failures.push(outcome);
    onOutcome?.(outcome);
  }
  const missed = wantedOf(kinds).filter((what) => !sometimes.has(what));
  return { seeds, instants, deals, sometimes, missed, failures };
};
