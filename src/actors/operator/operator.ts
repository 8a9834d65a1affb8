import type { GuardAnswer, GuardOrder } from '../messages.ts';
import { resetBreaker, restartActor, switchStrategy } from './operator-admin.ts';
import { explainSymbols } from './operator-explain.ts';
import {
  did,
  type OperatedAccount,
  type OperatorParts,
  type Outcome,
  refused,
} from './operator-parts.ts';
import { statusOf } from './operator-status.ts';
import {
  OPERATOR_TEXT_CHARS,
  type Operator,
  type OperatorCommand,
  type OperatorReply,
  type OperatorRequest,
} from './operator-types.ts';
import type { RuntimeStatus } from './operator-view.ts';

/** Wall time that an account has for an answer; a journal that is slow is part of it. */
const ANSWER_MS = 10_000;

type GuardCommand = Extract<
  OperatorCommand,
  {
    readonly type:
      | 'halt'
      | 'resume'
      | 'flatten'
      | 'kill'
      | 'rearm'
      | 'evaluation.start'
      | 'evaluation.bind';
  }
>;

export const createOperator = (parts: OperatorParts): Operator => {
  const status = (): RuntimeStatus => statusOf(parts);
  const execute = async (request: OperatorRequest): Promise<OperatorReply> => {
    const accounts = parts.accounts.filter(
      ({ login }) => request.account === 'all' || request.account === login,
    );
    if (accounts.length === 0) {
      const known = parts.accounts.map(({ login }) => login).join(', ');
      return replyOf([refused('UNKNOWN_ACCOUNT', request.account, `accounts here: ${known}`)]);
    }
    const { command } = request;
    switch (command.type) {
      case 'status':
        return { ok: true, done: [], result: status() };
      case 'why':
        return explained(accounts, status(), command.symbol);
      case 'strategy.enable':
      case 'strategy.disable': {
        const enabled = command.type === 'strategy.enable';
        const by = whoOf(request);
        return replyOf(await switchStrategy(parts, accounts, { id: command.id, enabled, by }));
      }
      case 'breaker.reset':
        return replyOf(accounts.map((account) => resetBreaker(parts, account, whoOf(request))));
      case 'actor.restart':
        return replyOf([await restartActor(parts, command.path, whoOf(request))]);
      case 'evaluation.start':
      case 'evaluation.bind': {
        const account = accountFor(command, accounts, status);
        if (account === undefined) {
          const remedy = 'name one login with --account';
          return replyOf([
            refused('UNKNOWN_ACCOUNT', null, remedy, 'an evaluation has one account'),
          ]);
        }
        const reason = tidy(command.reason) === '' ? command.type : command.reason;
        return replyOf([await askGuard(parts, account, request, { ...command, reason })]);
      }
      default: {
        if (command.type === 'rearm' && parts.isKillFileThere()) {
          return replyOf([refused('KILL_FILE', null, 'delete it when its cause is gone')]);
        }
        const asked = accounts.map((account) => askGuard(parts, account, request, command));
        return replyOf(await Promise.all(asked));
      }
    }
  };
  return { status, execute: execute as Operator['execute'] };
};

const explained = (
  accounts: readonly OperatedAccount[],
  status: RuntimeStatus,
  symbol: string | undefined,
): OperatorReply<'why'> => {
  const logins = new Set(accounts.map(({ login }) => login));
  const result = explainSymbols(status, logins, symbol);
  if (symbol === undefined || result.length > 0) return { ok: true, done: [], result };
  const known = accounts.flatMap(({ strategies }) => strategies.map((one) => one.symbol));
  const remedy = `symbols here: ${[...new Set(known)].join(', ')}`;
  const cause = `No strategy trades ${symbol} here`;
  const outcome = refused('UNKNOWN_SYMBOL', null, remedy, cause);
  return { ok: false, done: [], refusals: outcome.ok ? [] : [outcome.refusal] };
};

/** Whose guard is to move an evaluation: the account that trades it, else the only one there is. */
const accountFor = (
  command: Extract<OperatorCommand, { readonly id: string; readonly reason: string }>,
  accounts: readonly OperatedAccount[],
  status: () => RuntimeStatus,
): OperatedAccount | undefined => {
  const traded = status().accounts.find(
    ({ login, evaluation }) =>
      evaluation?.id === command.id && evaluation.accounts.at(-1)?.login === login,
  );
  const [only, another] = accounts;
  const named = another === undefined ? only : undefined;
  if (command.type === 'evaluation.start') return named;
  return accounts.find(({ login }) => login === traded?.login) ?? named;
};

const replyOf = (outcomes: readonly Outcome[]): OperatorReply => {
  const done = outcomes.flatMap((outcome) => (outcome.ok ? [outcome.done] : []));
  const refusals = outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.refusal]));
  return refusals.length === 0 ? { ok: true, done, result: null } : { ok: false, done, refusals };
};

const whoOf = ({ origin, by }: OperatorRequest): string =>
  by === undefined ? origin : `${origin} (${tidy(by)})`;

/** One line of bounded length: it goes into journal, logs and pages. */
const tidy = (text: string): string =>
  text.replaceAll(/\s+/g, ' ').trim().slice(0, OPERATOR_TEXT_CHARS);

const askGuard = async (
  { system }: OperatorParts,
  { login, paths }: OperatedAccount,
  request: OperatorRequest,
  command: GuardCommand,
): Promise<Outcome> => {
  const reason = tidy(command.reason);
  if (reason === '') return refused('REASON_MISSING', login, 'give a reason: it is journalled');
  const by = whoOf(request);
  const guard = system.ref<GuardOrder>(paths.guard);
  const answer = await system.ask<GuardAnswer, GuardOrder>(
    guard,
    (reply): GuardOrder => orderOf(command, { reason, by, reply }),
    ANSWER_MS,
  );
  if (!answer.ok) {
    const code = answer.error === 'dead' ? 'PARKED' : 'NO_ANSWER';
    const remedy = 'see `status`; the order is carried out when its guard is back';
    return refused(code, login, remedy);
  }
  const { value } = answer;
  if (value.ok) return did(login, value.text);
  return refused(value.code, login, value.remedy, value.cause);
};

const orderOf = (
  command: GuardCommand,
  common: Pick<GuardOrder, 'reason' | 'by' | 'reply'>,
): GuardOrder => {
  switch (command.type) {
    case 'halt':
      return { type: 'operator.halt', ...common };
    case 'resume':
      return { type: 'operator.resume', ...common };
    case 'flatten':
      return { type: 'operator.flatten', ...common };
    case 'kill':
      return { type: 'operator.kill', ...common };
    case 'rearm':
      return { type: 'operator.rearm', typed: command.typed, ...common };
    case 'evaluation.start':
      return { type: 'operator.startEvaluation', id: command.id, ...common };
    case 'evaluation.bind': {
      const { id, login } = command;
      return { type: 'operator.bindEvaluation', id, login, ...common };
    }
  }
};
