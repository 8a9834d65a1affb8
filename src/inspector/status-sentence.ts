import type { AccountStatus } from '../actors/operator/operator-view.ts';

/** The state of an account as one sentence, as the console and the page say it first. */
export const statusSentence = (account: AccountStatus): string => {
  const { mode, flatten, positions } = account;
  if (account.equity === null) return 'Waiting for the terminal.';
  const open = positions.length === 1 ? '1 position' : `${positions.length} positions`;
  if (['cancelling', 'closing', 'verifying'].includes(flatten.state)) {
    return `Closing everything: ${open} left.`;
  }
  if (flatten.state === 'stuck') return `Closing everything is stuck with ${open} open.`;
  switch (mode.name) {
    case 'active':
      return positions.length === 0 ? 'Trading, nothing open.' : `Trading, ${open} open.`;
    case 'reducing':
      return mode.limits.length === 0
        ? `Only closing: the worst case uses most of the headroom; ${open} open.`
        : `Only closing: ${mode.limits.map(({ detail }) => detail).join('; ')}; ${open} open.`;
    case 'halted':
      return `Halted (${mode.holds.join(', ') || mode.reason}): nothing new opens; ${open} open.`;
    case 'locked':
      return `Locked (${mode.reason}): a person must rearm; ${open} open.`;
  }
};
