import type { Engine } from '../engine/engine.ts';

/**
 * The account as the EA sees it: what is there, what happened since the last commit, and the way to
 * the server. The simulated terminal's is its matching engine; a bridge to somebody else's EA keeps
 * a book of what that one tells.
 */
export type Broker = Pick<
  Engine,
  | 'state'
  | 'open'
  | 'submit'
  | 'tick'
  | 'nextDue'
  | 'nextImminent'
  | 'runDue'
  | 'moveTo'
  | 'check'
  | 'pending'
  | 'drain'
  | 'equity'
  | 'margin'
>;
