import { beforeAll, describe, expect, it } from 'vitest';
import { compiledExpert, ExpertBench } from './expert-bench.ts';
import { GlobalVariables } from './terminal/global-variables.ts';
import { hasCompiler } from './toolchain.ts';

const present = hasCompiler();
if (!present) console.warn('SKIPPED: there is no g++ here, so the EA was not killed');

const MINUTE = 60_000;

describe.runIf(present)('what the Expert Advisor remembers and doubts', () => {
  beforeAll(() => void compiledExpert(), 180_000);

  it.each([
    ['killBefore', 0],
    ['killAfter', 1],
  ] as const)('never sends an order again that it died over (%s)', async (kind, positions) => {
    const bench = await ExpertBench.open();
    await bench.begin();
    await bench.terminal.elapse(5_000);
    bench.terminal.faults.onSend({ kind });
    bench.say(bench.order('i1'));
    expect((await bench.next('ack')).body.status).toBe('accepted');
    await bench.terminal.settled();
    await bench.terminal.restart();
    await bench.control();
    bench.mono = 0;
    bench.say(bench.order('i1'));
    expect((await bench.next('ack')).body).toMatchObject({ status: 'unknown', result: null });
    expect(bench.terminal.broker.engine.state.positions.size).toBe(positions);
    // A moment later nothing of the first can be under way any more, and evidence decides.
    await bench.terminal.elapse(2 * MINUTE);
    bench.say({ kind: 'runtime.heartbeat', leaseMs: 10_000 });
    bench.say(bench.order('i1', { attempt: 2 }));
    const { body: second } = await bench.next('ack', ({ attempt }) => attempt === 2);
    expect(second.status).toBe(positions === 1 ? 'duplicate' : 'accepted');
    await bench.terminal.settled();
    expect(bench.terminal.broker.engine.state.positions.size).toBe(1);
  });

  it('proves the absence of an order that it died over, once none can be under way', async () => {
    const bench = await ExpertBench.open();
    await bench.begin();
    await bench.terminal.elapse(5_000);
    bench.terminal.faults.onSend({ kind: 'killBefore' });
    bench.say(bench.order('i1'));
    expect((await bench.next('ack')).body.status).toBe('accepted');
    await bench.terminal.settled();
    await bench.terminal.restart();
    await bench.control();
    const magic = '4611686018427387905';
    const about = { intent: 'i1', attempt: 1, magic, symbols: [], fromMs: 0 };
    const ask = async (): Promise<object> => {
      const id = bench.say({ kind: 'query', what: 'attempt', ...about });
      return (await bench.answer('query.reply', id)).body;
    };
    expect(await ask()).toMatchObject({ found: false, complete: false });
    await bench.terminal.elapse(MINUTE);
    expect(await ask()).toMatchObject({ found: false, complete: true, result: null });
  });

  it('says unknown of a new order while the history cannot be proven', async () => {
    const bench = await ExpertBench.open();
    await bench.begin();
    await bench.terminal.elapse(5_000);
    bench.terminal.faults.historyFails = true;
    bench.say(bench.order('i1'));
    expect((await bench.next('ack')).body.status).toBe('unknown');
    bench.terminal.faults.historyFails = false;
    bench.say(bench.order('i1'));
    expect((await bench.next('ack')).body.status).toBe('accepted');
  });

  it('tells a runtime that its journal is new while something is open', async () => {
    const bench = await ExpertBench.open();
    await bench.begin();
    await bench.terminal.elapse(5_000);
    bench.say(bench.order('i1'));
    await bench.next('result');
    await bench.terminal.kill();
    bench.terminal.loseFiles();
    await bench.terminal.restart();
    await bench.control();
    expect((await bench.next('notice')).body).toMatchObject({ code: 'journal.lost' });
    bench.mono = 0;
    bench.say(bench.order('i1'));
    expect((await bench.next('ack')).body).toMatchObject({
      status: 'duplicate',
      result: { comment: 'found by magic' },
    });
    expect(bench.terminal.broker.engine.state.positions.size).toBe(1);
  });

  it('does not call the server while a switch is off, and shows which one', async () => {
    const bench = await ExpertBench.open();
    await bench.begin();
    await bench.terminal.elapse(5_000);
    bench.terminal.faults.switches.program = false;
    await bench.terminal.elapse(1_000);
    bench.say(bench.order('i1'));
    expect((await bench.next('result')).body.result.retcode).toBe(10027);
    expect(bench.terminal.desk.sends).toBe(0);
    const shown = () => bench.terminal.comment;
    await expect.poll(shown, { timeout: 10_000 }).toContain("OFF: 'Allow Algo Trading'");
  });

  it('lets one chart of a terminal own the account, and the next one after it', async () => {
    const variables = new GlobalVariables();
    const first = await ExpertBench.open({ variables });
    await first.begin();
    const second = await ExpertBench.open({ variables });
    expect(await second.terminal.start()).toBe(0);
    await expect
      .poll(() => second.terminal.comment, { timeout: 10_000 })
      .toContain('another chart of this terminal');
    expect((await first.next('notice')).body.code).toBe('instance.refused');
    expect(second.all).toEqual([]);
    await first.terminal.stop();
    expect((await second.next('hello')).body.instanceId).toBe('ea-1');
  });

  it('starts anew on a change of the chart, with nothing of the old session', async () => {
    const bench = await ExpertBench.open();
    await bench.begin();
    expect(await bench.terminal.changeChart()).toBe(0);
    const hello = await bench.control();
    expect(hello).toMatchObject({ startId: 'ea-1.2', highestEpoch: 1, leaseHolder: 'runtime-1' });
    expect(bench.epoch).toBe(2);
  });

  it('refuses to start on inputs that cannot work', async () => {
    const bench = await ExpertBench.open({ inputs: { InpEndpoints: 'tcp://nowhere' } });
    expect(await bench.terminal.start()).toBe(32767);
    expect(bench.terminal.comment).toContain('cannot start: the endpoints are a list');
  });
});
