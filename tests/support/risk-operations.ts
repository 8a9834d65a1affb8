import type { Side } from '../../src/domain/instrument.ts';
import { fc } from './property-seed.ts';

/** What may happen to the account, each with the choices that an adversary has. */
export type Operation =
  | {
      readonly type: 'open';
      readonly symbol: 0 | 1;
      readonly side: Side;
      readonly kind: 'market' | 'limit' | 'stop';
      readonly stop: number;
      readonly target: number;
      readonly lots: number;
      /** Leaves for the terminal at once; else it waits, and may be lost with a crash. */
      readonly sent: boolean;
    }
  | { readonly type: 'send'; readonly index: number }
  /** The venue takes an order that was sent: it works, or fills, wholly or in part. */
  | { readonly type: 'land'; readonly index: number; readonly part: 1 | 2 }
  | { readonly type: 'drop'; readonly index: number }
  /** A timer runs out: what is under way is unknown from now on. */
  | { readonly type: 'lose'; readonly index: number }
  /** The terminal proves what became of an order. */
  | { readonly type: 'settle'; readonly index: number }
  | {
      readonly type: 'move';
      readonly symbol: 0 | 1;
      readonly by: number;
      readonly spread: number;
      readonly backwards: boolean;
    }
  | { readonly type: 'close'; readonly index: number; readonly part: 1 | 2 }
  | { readonly type: 'tighten'; readonly index: number; readonly share: number }
  /** A stop is asked for this many points further away; refused, at the widest that is granted. */
  | { readonly type: 'widen'; readonly index: number; readonly by: number }
  | { readonly type: 'confirm'; readonly index: number; readonly done: boolean }
  | { readonly type: 'rollover' }
  | { readonly type: 'convert'; readonly end: 'low' | 'high' }
  | { readonly type: 'reset'; readonly observed: boolean }
  /** Reports of the terminal are late from now on, or arrive again. */
  | { readonly type: 'lag'; readonly on: boolean }
  | { readonly type: 'crash' };

const index = fc.nat(9);
const symbol = fc.constantFrom(0, 1) as fc.Arbitrary<0 | 1>;
const side = fc.constantFrom('buy', 'sell') as fc.Arbitrary<'buy' | 'sell'>;
const part = fc.constantFrom(1, 2) as fc.Arbitrary<1 | 2>;
const of = <T extends Operation['type']>(
  type: T,
  fields: { [K in keyof Omit<Extract<Operation, { type: T }>, 'type'>]: fc.Arbitrary<unknown> },
): fc.Arbitrary<Operation> =>
  fc.record({ type: fc.constant(type), ...fields }) as unknown as fc.Arbitrary<Operation>;

const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 7,
    arbitrary: of('open', {
      symbol,
      side,
      kind: fc.constantFrom('market', 'market', 'limit', 'stop'),
      stop: fc.integer({ min: 90, max: 2_500 }),
      target: fc.integer({ min: 90, max: 2_500 }),
      lots: fc.integer({ min: 1, max: 5_000 }),
      sent: fc.constantFrom(true, true, true, false),
    }),
  },
  { weight: 1, arbitrary: of('send', { index }) },
  { weight: 8, arbitrary: of('land', { index, part }) },
  { weight: 1, arbitrary: of('drop', { index }) },
  { weight: 1, arbitrary: of('lose', { index }) },
  { weight: 3, arbitrary: of('settle', { index }) },
  {
    weight: 8,
    arbitrary: of('move', {
      symbol,
      by: fc.integer({ min: -2_600, max: 2_600 }),
      spread: fc.integer({ min: 1, max: 60 }),
      backwards: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: of('close', { index, part }) },
  {
    weight: 3,
    arbitrary: of('tighten', { index, share: fc.double({ min: 0, max: 1, noNaN: true }) }),
  },
  { weight: 2, arbitrary: of('widen', { index, by: fc.integer({ min: 1, max: 2_500 }) }) },
  { weight: 2, arbitrary: of('confirm', { index, done: fc.boolean() }) },
  { weight: 1, arbitrary: of('rollover', {}) },
  { weight: 1, arbitrary: of('convert', { end: fc.constantFrom('low', 'high') }) },
  { weight: 2, arbitrary: of('reset', { observed: fc.boolean() }) },
  { weight: 1, arbitrary: of('lag', { on: fc.boolean() }) },
  { weight: 1, arbitrary: of('crash', {}) },
);
/** Long enough that the account fills up and several days pass. */
export const operations = fc.array(operation, { minLength: 36, maxLength: 60, size: 'max' });
