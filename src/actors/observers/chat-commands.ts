import type { Clock } from '../../domain/ports.ts';
import { ALERT_LIMITS } from '../../telemetry/alerts/types.ts';
import type { Operator, OperatorCommand, OperatorReply } from '../operator/operator-types.ts';
import type { AccountStatus } from '../operator/operator-view.ts';

/**
 * What a person may say in a chat, and the answer. Commands go through the operator's one door.
 * Those that close positions are asked back: only the code that was answered carries them out.
 */
export interface Chat {
  readonly answer: (message: { readonly text: string; readonly from: string }) => Promise<string>;
}

const HELP = [
  '/status: how things stand',
  '/positions: what is open',
  '/halt REASON: nothing new opens',
  "/resume REASON: lifts an operator's halt, never a lock",
  '/flatten REASON: closes everything; asks back',
  '/kill REASON: closes everything and locks; asks back',
].join('\n');

type Asked = { readonly command: OperatorCommand; readonly endsAt: number };

const statusText = (account: AccountStatus): string =>
  [
    `${account.login}: ${account.mode.name}${reasonOf(account)}`,
    `equity ${account.equity ?? '?'} ${account.currency}, balance ${account.balance ?? '?'}`,
    `headroom ${account.floors?.daily?.headroom ?? '?'} daily, ${account.floors?.total.headroom ?? '?'} total`,
    `${account.positions.length} open, link ${account.link.state}, gate ${account.gateOpen ? 'open' : 'shut'}`,
  ].join('\n');

const reasonOf = ({ mode }: AccountStatus): string => {
  const why = mode.holds.join(', ') || mode.reason;
  return mode.name === 'active' || why === '' ? '' : ` (${why})`;
};

const positionsText = ({ login, positions }: AccountStatus): string =>
  positions.length === 0
    ? `${login}: nothing is open`
    : [
        `${login}:`,
        ...positions.map(
          ({ side, volume, symbol, open, stopLoss, now }) =>
            `${side} ${volume} ${symbol} at ${open}, stop ${stopLoss ?? 'none'}, now ${now ?? '?'}`,
        ),
      ].join('\n');

const replyText = (reply: OperatorReply): string => {
  const done = reply.done.map(({ account, text }) => `${account ?? 'all'}: ${text}`);
  const refused = reply.ok
    ? []
    : reply.refusals.map(({ account, cause, remedy }) => `${account ?? 'all'}: ${cause} ${remedy}`);
  return [...done, ...refused].join('\n') || 'done';
};

export const createChat = (parts: {
  readonly operator: Operator;
  readonly clock: Clock;
  /** A short code that cannot be guessed within a minute. */
  readonly newCode: () => string;
}): Chat => {
  const { operator, clock, newCode } = parts;
  const asked = new Map<string, Asked>();
  const order = async (command: OperatorCommand, by: string): Promise<string> =>
    replyText(await operator.execute({ origin: 'telegram', by, account: 'all', command }));
  const askBack = (command: OperatorCommand, what: string): string => {
    const code = newCode();
    asked.clear();
    asked.set(code, { command, endsAt: clock.now() + ALERT_LIMITS.confirmMs });
    return `${what} Send /confirm ${code} within a minute.`;
  };
  const confirm = async (code: string, by: string): Promise<string> => {
    const waiting = asked.get(code);
    asked.clear();
    if (waiting === undefined) return 'Nothing waits for this code.';
    if (clock.now() >= waiting.endsAt) return 'Too late: ask again.';
    return order(waiting.command, by);
  };
  return {
    answer: async ({ text, from }) => {
      const [word = '', ...rest] = text.trim().split(/\s+/);
      const reason = rest.join(' ') || 'by chat';
      switch (word.toLowerCase().replace(/@.*$/, '')) {
        case '/status':
          return operator.status().accounts.map(statusText).join('\n\n');
        case '/positions':
          return operator.status().accounts.map(positionsText).join('\n\n');
        case '/halt':
          return order({ type: 'halt', reason }, from);
        case '/resume':
          return order({ type: 'resume', reason }, from);
        case '/flatten':
          return askBack({ type: 'flatten', reason }, 'This closes every position.');
        case '/kill':
          return askBack({ type: 'kill', reason }, 'This closes every position and locks.');
        case '/confirm':
          return confirm(rest[0] ?? '', from);
        default:
          return HELP;
      }
    },
  };
};
