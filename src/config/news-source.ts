import { phaseOf } from '../risk/rule-set.ts';
import type { Config } from './config.ts';

/** Where the releases that the rules restrict come from: nowhere, where they restrict none. A file
 * of the user's outweighs the terminal's own calendar. */
export const newsComeFrom = ({
  news,
  rules,
}: Pick<Config, 'news' | 'rules'>): 'nowhere' | 'file' | 'terminal' => {
  if (news.file !== undefined) return 'file';
  const rule = phaseOf(rules.ruleSet, rules.phase)?.news ?? null;
  return rule === null || rule.source === 'file' ? 'nowhere' : 'terminal';
};
