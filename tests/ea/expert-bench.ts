import { fileURLToPath } from 'node:url';
import { expect, onTestFinished } from 'vitest';
import { minor } from '../../src/domain/units.ts';
import type { CurveServerKeys } from '../../src/mt5/wire/curve.ts';
import type { EaMessageOf } from '../../src/mt5/wire/messages.ts';
import { account } from '../support/broker-bench.ts';
import { type TestGateway, testGateway } from '../support/link-ends.ts';
import { newYork7 } from '../support/new-york-7.ts';
import { type Quote, scriptedMarket, ticksOf } from '../support/scripted-market.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { RuntimeEnd } from './runtime-end.ts';
import { FakeTerminal, type FakeTerminalOptions } from './terminal/fake-terminal.ts';
import { compileProgram } from './toolchain.ts';

/** The compiled Expert Advisor in a fake terminal, and the runtime's side of its link by hand. */
const expert = fileURLToPath(new URL('../../mql5/Experts/Bulwark.mq5', import.meta.url));
export const compiledExpert = (): string => compileProgram(expert);

/** A terminal with a market of its own, and an account of 100,000 dollars. */
export const terminalOf = (
  options: Partial<FakeTerminalOptions> & {
    readonly binary: string;
    readonly quotes?: readonly Quote[] | undefined;
  },
): FakeTerminal => {
  const { quotes, ...rest } = options;
  return new FakeTerminal({
    directory: temporaryDirectory(),
    market: scriptedMarket(ticksOf(quotes ?? CALM)),
    zone: newYork7,
    account: { ...account, balanceMinor: minor(10_000_000n) },
    latencyMs: 0,
    seed: 1,
    ...rest,
  });
};

/** A quote each second for the first minute, then one a minute. */
export const CALM: readonly Quote[] = Array.from({ length: 120 }, (_, index) => [
  index < 60 ? 1_000 * (index + 1) : 60_000 * (index - 58),
  130_000 + (index % 7),
]);

export interface BenchOptions extends Partial<FakeTerminalOptions> {
  readonly quotes?: readonly Quote[];
  /** Of the runtime's end. */
  readonly curve?: CurveServerKeys;
}

export class ExpertBench extends RuntimeEnd {
  readonly terminal: FakeTerminal;

  private constructor(terminal: FakeTerminal, gateway: TestGateway) {
    super(gateway, () => terminal.printed);
    this.terminal = terminal;
  }

  static async open(options: BenchOptions = {}): Promise<ExpertBench> {
    const holder: { bench?: ExpertBench } = {};
    const { quotes, curve, ...rest } = options;
    const gateway = await testGateway({
      onFrame: (identity, frame) => holder.bench?.receive(identity, frame),
      ...(curve === undefined ? {} : { curve }),
    });
    const terminal = terminalOf({
      binary: compiledExpert(),
      quotes,
      ...rest,
      inputs: {
        InpEndpoints: gateway.endpoint,
        InpInstance: 'ea-1',
        InpLogLevel: '3',
        ...rest.inputs,
      },
    });
    const bench = new ExpertBench(terminal, gateway);
    holder.bench = bench;
    onTestFinished(async () => {
      await terminal.close();
      expect(terminal.stderr).toBe('');
      expect(gateway.malformed.rest()).toEqual([]);
    });
    return bench;
  }

  /** From the start of the EA to a granted claim. */
  async begin(): Promise<EaMessageOf<'hello'>> {
    expect(await this.terminal.start()).toBe(0);
    return this.control();
  }
}
