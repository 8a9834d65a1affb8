import { assign, setup } from 'xstate';
import type { EvaluationContext, EvaluationEvent, EvaluationPhase } from './evaluation.events.ts';

const DAY_MS = 86_400_000;

const bindingsWith = (
  { phases, bindings }: EvaluationContext,
  index: number,
  { login, at }: Extract<EvaluationEvent, { login: string }>,
): EvaluationContext['bindings'] => {
  const phase = phases[index]?.name ?? '';
  return [...bindings.filter((bound) => bound.phase !== phase), { phase, login, at }];
};

/**
 * The life of an evaluation: the phases of a rule set in their order, each bound to one account.
 * The chart only orders what the ledger finds out; it counts no money.
 */
export const evaluationMachine = setup({
  types: {
    context: {} as EvaluationContext,
    events: {} as EvaluationEvent,
    input: {} as { readonly phases: readonly EvaluationPhase[] },
    tags: {} as 'mayTrade' | 'over',
  },
  guards: {
    /** A first phase without a target is an account that is funded at once. */
    isFundedAtOnce: ({ context, event }) =>
      event.type === 'operator.start' && context.phases[event.phaseIndex ?? 0]?.hasTarget === false,
    isNextFunded: ({ context }) => context.phases[context.phaseIndex + 1]?.hasTarget === false,
    hasNext: ({ context }) => context.phases[context.phaseIndex + 1] !== undefined,
    /** The ledger repeats the fact for as long as it is true. */
    /** The parts of one payout are booked within a day, and count as one. */
    isPayoutNew: ({ context, event }) =>
      event.type === 'payout.made' &&
      (context.payouts === 0 || event.at - (context.cycleFrom ?? 0) >= DAY_MS),
    isScalingNew: ({ context }) => context.scalingEarnedAt === null,
  },
  actions: {
    bindFirst: assign(({ context, event }) => {
      if (event.type !== 'operator.start') return {};
      const { phaseIndex = 0 } = event;
      return { phaseIndex, bindings: bindingsWith(context, phaseIndex, event) };
    }),
    bindNext: assign(({ context, event }) => {
      if (event.type !== 'operator.bind') return {};
      const phaseIndex = context.phaseIndex + 1;
      return {
        phaseIndex,
        reachedAt: null,
        metAt: null,
        bindings: bindingsWith(context, phaseIndex, event),
      };
    }),
    bindLarger: assign(({ context, event }) => {
      if (event.type !== 'operator.bind') return {};
      const bindings = bindingsWith(context, context.phaseIndex, event);
      const scalings = context.scalings + 1;
      const began = { cycleFrom: event.at, payoutDueAt: null };
      return { bindings, scalings, scalingEarnedAt: null, ...began };
    }),
    rememberScaling: assign({
      scalingEarnedAt: ({ context, event }) =>
        event.type === 'scaling.earned' ? event.at : context.scalingEarnedAt,
    }),
    rememberFunded: assign(({ context, event }) => {
      if (event.type !== 'operator.start' && event.type !== 'operator.bind') return {};
      return { fundedAt: context.fundedAt ?? event.at, cycleFrom: event.at };
    }),
    rememberReached: assign({
      reachedAt: ({ context, event }) =>
        event.type === 'objectives.reached' ? event.at : context.reachedAt,
    }),
    forgetReached: assign({ reachedAt: null }),
    rememberMet: assign({
      metAt: ({ context, event }) => (event.type === 'objectives.met' ? event.at : context.metAt),
    }),
    rememberFailure: assign({
      failure: ({ context, event }) =>
        event.type === 'rule.breached' ? { rule: event.rule, at: event.at } : context.failure,
    }),
    rememberPause: assign({
      pause: ({ context, event }) =>
        event.type === 'limit.reached' ? { rule: event.rule, until: event.until } : context.pause,
    }),
    forgetPause: assign({ pause: null }),
    beginCycle: assign(({ context, event }) =>
      event.type === 'payout.made'
        ? { payouts: context.payouts + 1, cycleFrom: event.at, payoutDueAt: null }
        : {},
    ),
    rememberDue: assign({
      payoutDueAt: ({ context, event }) =>
        event.type === 'payout.due' ? event.at : context.payoutDueAt,
    }),
    forgetDue: assign({ payoutDueAt: null }),
    /** Effects, carried out by the evaluation actor. */
    recordEvaluation: () => {},
    askForReview: () => {},
    askForPayout: () => {},
    askForScaling: () => {},
    haltAccount: () => {},
    allowAccount: () => {},
  },
}).createMachine({
  id: 'evaluation',
  initial: 'notStarted',
  context: ({ input }) => ({
    phases: input.phases,
    phaseIndex: 0,
    bindings: [],
    reachedAt: null,
    metAt: null,
    failure: null,
    pause: null,
    payouts: 0,
    cycleFrom: null,
    payoutDueAt: null,
    fundedAt: null,
    scalings: 0,
    scalingEarnedAt: null,
  }),
  states: {
    notStarted: {
      description: 'No account is bound yet.',
      on: {
        'operator.start': [
          { guard: 'isFundedAtOnce', target: 'funded', actions: ['bindFirst', 'rememberFunded'] },
          { target: 'inPhase', actions: 'bindFirst' },
        ],
      },
    },
    inPhase: {
      description: 'A phase with a target is traded on its account.',
      initial: 'trading',
      entry: 'recordEvaluation',
      on: {
        'objectives.met': [
          { guard: 'hasNext', target: 'awaitingReview', actions: ['rememberMet', 'forgetPause'] },
          { target: 'completed', actions: ['rememberMet', 'forgetPause'] },
        ],
        'rule.breached': { target: 'breached', actions: ['rememberFailure', 'forgetPause'] },
      },
      states: {
        trading: {
          description: 'Inside every rule, and the objectives are not met yet.',
          tags: 'mayTrade',
          entry: 'allowAccount',
          on: {
            'limit.reached': { target: 'paused', actions: 'rememberPause' },
            'objectives.reached': { target: 'settling', actions: 'rememberReached' },
          },
        },
        settling: {
          description: 'The target is reached and something is open: nothing is added to it.',
          entry: ['haltAccount', 'recordEvaluation'],
          exit: 'forgetReached',
          on: {
            'limit.reached': { target: 'paused', actions: 'rememberPause' },
            'objectives.lost': { target: 'trading', actions: 'recordEvaluation' },
          },
        },
        paused: {
          description: 'A soft limit was reached: no new risk until it is lifted.',
          entry: ['haltAccount', 'recordEvaluation'],
          on: {
            'limit.reached': { actions: ['rememberPause', 'recordEvaluation'] },
            'limit.lifted': { target: 'trading', actions: ['forgetPause', 'recordEvaluation'] },
          },
        },
      },
    },
    awaitingReview: {
      description: 'The objectives are met. The firm reviews and issues the next account.',
      entry: ['haltAccount', 'askForReview', 'recordEvaluation'],
      on: {
        'operator.bind': [
          { guard: 'isNextFunded', target: 'funded', actions: ['bindNext', 'rememberFunded'] },
          { target: 'inPhase', actions: 'bindNext' },
        ],
        'rule.breached': { target: 'breached', actions: 'rememberFailure' },
      },
    },
    funded: {
      description: 'A phase without a target: profit is paid out in cycles.',
      initial: 'earning',
      entry: 'recordEvaluation',
      on: {
        'rule.breached': { target: 'breached', actions: ['rememberFailure', 'forgetPause'] },
        'payout.made': { guard: 'isPayoutNew', actions: ['beginCycle', 'recordEvaluation'] },
        'scaling.earned': {
          guard: 'isScalingNew',
          actions: ['rememberScaling', 'askForScaling', 'recordEvaluation'],
        },
        'operator.bind': { target: 'funded', reenter: true, actions: 'bindLarger' },
      },
      states: {
        earning: {
          description: 'Inside every rule, and the payout cycle runs.',
          tags: 'mayTrade',
          entry: 'allowAccount',
          on: {
            'limit.reached': { target: 'paused', actions: 'rememberPause' },
            'payout.due': { target: 'payoutDue', actions: 'rememberDue' },
          },
        },
        payoutDue: {
          description: 'Days, profit and consistency of the cycle are met: a payout may be asked.',
          tags: 'mayTrade',
          entry: ['askForPayout', 'recordEvaluation'],
          on: {
            'limit.reached': { target: 'paused', actions: 'rememberPause' },
            'payout.lost': { target: 'earning', actions: ['forgetDue', 'recordEvaluation'] },
            'payout.made': {
              guard: 'isPayoutNew',
              target: 'earning',
              actions: ['beginCycle', 'recordEvaluation'],
            },
          },
        },
        paused: {
          description: 'A soft limit was reached: no new risk until it is lifted.',
          entry: ['haltAccount', 'recordEvaluation'],
          on: {
            'limit.reached': { actions: ['rememberPause', 'recordEvaluation'] },
            'limit.lifted': { target: 'earning', actions: ['forgetPause', 'recordEvaluation'] },
          },
        },
      },
    },
    completed: {
      type: 'final',
      description: 'The last phase of the rule set is passed.',
      tags: 'over',
      entry: ['haltAccount', 'recordEvaluation'],
    },
    breached: {
      type: 'final',
      description: 'A rule that ends the account was broken.',
      tags: 'over',
      entry: ['haltAccount', 'recordEvaluation'],
    },
  },
});
