import { describe, expect, it } from 'vitest';
import { executor } from '../../../src/actors/executor/executor.ts';
import type { ExecutorMessage } from '../../../src/actors/messages.ts';
import type { Intent } from '../../../src/domain/intent.ts';
import { points } from '../../../src/domain/units.ts';
import { RETCODE } from '../../../src/mt5/retcodes.ts';
import { type DeskBench, deskBench } from '../../support/desk-bench.ts';
import { closeIntent, openIntent } from '../../support/entries.ts';
import { NOW, opening, snapshotOf } from '../../support/guard-fixtures.ts';
import { fc } from '../../support/property-seed.ts';

/**
 * S8: a halt overtakes what waits, and nothing that could lose more than before is sent after it. Here
 * the executor alone is shown, with a real journal: what was admitted waits for the disk, and a venue
 * that refuses asks for retries, when the halt comes. Whatever comes after it opens nothing.
 */
const LIMITS = { replyTimeoutMs: 5_000, settleMs: 2_000, finalOrders: 100 };

type Step =
  | { readonly type: 'open' | 'widen' | 'close' | 'halt' | 'resume' }
  /** The venue answers the n-th intent, and the guard grants the retry that this may want. */
  | { readonly type: 'answer'; readonly index: number; readonly retcode: keyof typeof RETCODE };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom<Step[]>({ type: 'open' }, { type: 'widen' }) },
  { weight: 2, arbitrary: fc.constantFrom<Step[]>({ type: 'close' }, { type: 'resume' }) },
  { weight: 2, arbitrary: fc.constant<Step>({ type: 'halt' }) },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('answer' as const),
      index: fc.nat(30),
      retcode: fc.constantFrom<(keyof typeof RETCODE)[]>('REQUOTE', 'PRICE_OFF', 'DONE', 'REJECT'),
    }),
  },
);
/** What arrives together is worked through before the disk has answered. */
const bursts = fc.array(fc.array(step, { minLength: 1, maxLength: 6 }), {
  minLength: 4,
  maxLength: 12,
});

class Play {
  readonly desk: DeskBench;
  readonly intents: Intent[] = [];
  mayOpen = true;
  sent = 0;

  constructor(desk: DeskBench) {
    this.desk = desk;
  }

  say(message: ExecutorMessage): void {
    this.desk.system.ref<ExecutorMessage>('desk.executor').send(message);
  }
  admit(intent: Intent): void {
    const { intentId } = intent;
    this.intents.push(intent);
    const raised = opening();
    const signalId = `s-${intentId}`;
    this.say({ type: 'intent.admitted', raised, signalId, intent, reservedMinor: '0' });
  }

  take(next: Step): void {
    const id = `i${this.intents.length}`;
    switch (next.type) {
      case 'open':
        this.admit(openIntent(id, { at: NOW }));
        return;
      case 'close':
        this.admit(closeIntent(id, { at: NOW }));
        return;
      case 'widen':
        this.admit({
          ...{ type: 'modifyPosition', intentId: id, key: `key-${id}`, strategyId: 's' },
          ...{ symbol: 'EURUSD', at: NOW, reason: 'test', positionTicket: '7', ttlMs: 60_000 },
          ...{ stopLoss: points(109_000), risk: 'increasing' },
        });
        return;
      case 'halt':
      case 'resume':
        this.mayOpen = next.type === 'resume';
        this.say({ type: 'mode.changed', mayOpen: this.mayOpen });
        return;
      case 'answer':
        this.answer(next);
    }
  }

  private answer({ index, retcode }: Extract<Step, { type: 'answer' }>): void {
    const intent = this.intents[index % Math.max(1, this.intents.length)];
    if (intent === undefined) return;
    const { intentId } = intent;
    const result = { attempt: 1, retcode: RETCODE[retcode], orderTicket: null, dealTicket: null };
    this.say({ type: 'attempt.finished', result: { ...result, intentId } });
    this.say({ type: 'retry.granted', intentId });
  }

  /** Commands that could lose more than before, sent since the last look. */
  async increasing(): Promise<readonly string[]> {
    await this.desk.system.quiescent();
    return this.desk
      .heard('connection')
      .flatMap((message) =>
        message.type === 'command.send' && 'risk' in message && message.risk === 'increasing'
          ? [String((message as unknown as { intentId: string }).intentId)]
          : [],
      );
  }
}

const begin = async (): Promise<Play> => {
  const desk = await deskBench('executor', (deps) => executor(deps, LIMITS));
  await desk.tell('executor', { type: 'recovery.match', snapshot: snapshotOf(), epoch: 3 });
  await desk.tell('executor', { type: 'mode.changed', mayOpen: true });
  desk.heard('connection');
  return new Play(desk);
};

describe('a halt', () => {
  it('overtakes whatever waits, and nothing that follows it opens risk', async () => {
    let [sent, halts] = [0, 0];
    await fc.assert(
      fc.asyncProperty(bursts, async (list) => {
        const play = await begin();
        for (const burst of list) {
          const wasHalted = !play.mayOpen;
          for (const next of burst) play.take(next);
          const opened = await play.increasing();
          sent += opened.length;
          // Nobody let it open between the halt and now: nothing that waited may have left.
          const stayed = wasHalted && burst.every(({ type }) => type !== 'resume');
          if (stayed || burst.at(-1)?.type === 'halt') {
            halts += 1;
            expect(opened).toEqual([]);
          }
        }
        expect(play.desk.crashes()).toEqual([]);
        await play.desk.system.shutdown();
      }),
      { numRuns: 40 },
    );
    // An executor that sends nothing at all would pass as well.
    expect(sent).toBeGreaterThan(40);
    expect(halts).toBeGreaterThan(40);
  });
});
