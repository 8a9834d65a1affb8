import * as Result from 'effect/Result';
import * as Schema from 'effect/Schema';
import { EVALUATION_ID, OPERATOR_TEXT_CHARS, type OperatorCommand } from './operator-types.ts';

/** Orders of people as they come in from outside: a socket, an HTTP body, a chat. */
const text = Schema.String.check(Schema.isMaxLength(4 * OPERATOR_TEXT_CHARS));
const name = Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(OPERATOR_TEXT_CHARS));

const evaluationId = Schema.String.check(Schema.isPattern(EVALUATION_ID));

const Command = Schema.Union([
  Schema.Struct({ type: Schema.Literals(['halt', 'resume', 'flatten', 'kill']), reason: text }),
  Schema.Struct({ type: Schema.Literal('rearm'), typed: name, reason: text }),
  Schema.Struct({ type: Schema.Literals(['strategy.enable', 'strategy.disable']), id: name }),
  Schema.Struct({ type: Schema.Literal('actor.restart'), path: name }),
  Schema.Struct({ type: Schema.Literal('evaluation.start'), id: evaluationId, reason: text }),
  Schema.Struct({
    type: Schema.Literal('evaluation.bind'),
    id: evaluationId,
    login: name,
    reason: text,
  }),
  Schema.Struct({ type: Schema.Literals(['status', 'breaker.reset']) }),
  Schema.Struct({ type: Schema.Literal('why'), symbol: Schema.optionalKey(name) }),
]);
const decode = Schema.decodeUnknownResult(Command);

export type DecodedCommand =
  | { readonly ok: true; readonly command: OperatorCommand }
  | { readonly ok: false; readonly cause: string };

/** A command, or why it is none. Never throws. */
export const decodeCommand = (value: unknown): DecodedCommand => {
  const result = decode(value);
  if (Result.isFailure(result)) return { ok: false, cause: String(result.failure) };
  return { ok: true, command: result.success as OperatorCommand };
};
