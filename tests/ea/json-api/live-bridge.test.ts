import { describe, expect, it } from 'vitest';
import { STORY } from '../../support/cli-sandbox.ts';
import { BridgedDesk } from './bridged-desk.ts';

interface Diagnosis {
  readonly healthy: boolean;
  readonly atFault: readonly string[];
  readonly findings: readonly { readonly what: string }[];
}

describe('a live run over an EA of the kind of MQL5-JSON-API', STORY, () => {
  it('says what it cannot promise, and finds the stop that nobody told of', async () => {
    const desk = await BridgedDesk.open({ bid: (after) => (after < 60_000 ? 130_000 : 128_400) });
    const run = await desk.trading();
    expect(run.said()).toContain('Reduced guarantees');
    expect(run.said()).toContain('one position or order per symbol on hedging accounts');
    expect(desk.terminal.positions).toMatchObject([{ magic: '0', stopLoss: 128_510 }]);
    await desk.until('the stop', () => run.said().includes('at its stop: -3'));
    expect(await desk.stopped(run)).toEqual([]);
  });

  it('sends no order twice whose answer the bridge did not live to hear', async () => {
    const desk = await BridgedDesk.open();
    const run = desk.run();
    desk.terminal.faults.onSend({ kind: 'blocks', ms: 2_000 });
    await desk.until(
      'an order on its way',
      () => desk.terminal.asked('ORDER_TYPE_BUY').length === 1,
    );
    desk.killBridge();
    await desk.until('the deal', () => run.said().includes('deal: bought'));
    expect(desk.openings).toHaveLength(1);
    expect(desk.terminal.asked('ORDER_TYPE_BUY')).toHaveLength(1);
    expect(await desk.stopped(run)).toEqual([]);
  });

  it('knows after the death of runtime and bridge what they had sent', async () => {
    const desk = await BridgedDesk.open();
    const first = desk.run();
    desk.terminal.faults.onSend({ kind: 'blocks', ms: 1_000 });
    await desk.until(
      'an order on its way',
      () => desk.terminal.asked('ORDER_TYPE_BUY').length === 1,
    );
    await desk.kill(first);
    desk.killBridge();
    await desk.until('the position', () => desk.terminal.positions.length === 1);
    const look = desk.start('reconcile', '--dry-run', '--json');
    const looked: string[] = [];
    void look.finished().then(({ stdout }) => looked.push(stdout));
    await desk.until('a look at it', () => looked.length > 0);
    expect(JSON.parse(looked[0] ?? '')).toMatchObject({
      ...{ comparedWith: 'terminal', outcome: 'agrees' },
      counts: { positions: 1 },
    });
    const second = desk.run();
    await desk.until('the deal', () => second.said().includes('deal: bought'));
    expect(desk.terminal.asked('ORDER_TYPE_BUY')).toHaveLength(1);
    expect(await desk.stopped(second)).toEqual([]);
  });

  it('closes everything on a kill, and what a person closed is booked', async () => {
    const desk = await BridgedDesk.open();
    const run = await desk.trading();
    const killed = desk.start('kill', '--data-dir', desk.box.path('data'));
    await desk.until('it to be flat', () => desk.terminal.positions.length === 0);
    await desk.until('the end of the order', () => run.said().includes('closed 2 lots EURUSD'));
    expect(await killed.finished()).toMatchObject({ code: 0 });
    expect(desk.terminal.asked('POSITION_CLOSE_ID')).toHaveLength(1);
    expect(await desk.stopped(run)).toEqual([]);
  });

  it('is examined by the doctor: what it cannot promise, and whose fault it is', async () => {
    const desk = await BridgedDesk.open();
    const examined = async () => {
      const doctor = desk.start('doctor', '--json', '--wait', '2s');
      const { stdout } = await doctor.finished();
      return JSON.parse(stdout) as Diagnosis;
    };
    const well = await examined();
    expect(well).toMatchObject({ healthy: true, atFault: [] });
    const said = well.findings.map(({ what }) => what).join('\n');
    expect(said).toContain('the terminal has EURUSD');
    expect(said).toContain('nothing in the terminal holds the floors');
    desk.terminal.faults.switches.terminal = false;
    expect(await examined()).toMatchObject({ healthy: false, atFault: ['terminal'] });
    await desk.terminal.kill();
    expect(await examined()).toMatchObject({ healthy: false, atFault: ['ea'] });
  });
});
