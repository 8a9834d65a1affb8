import type { RefusalCode } from './codes.ts';
import { REFUSALS } from './codes.ts';
import type { Refusal, VerdictNumbers } from './verdict-types.ts';

/** A refusal with its figures; without a detail of its own, the sentence of its code. */
export const refuse = (
  code: RefusalCode,
  detail: string,
  numbers: VerdictNumbers = {},
): Refusal => ({ code, detail: detail === '' ? REFUSALS[code] : detail, numbers });
