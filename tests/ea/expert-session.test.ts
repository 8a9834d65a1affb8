import { beforeAll, describe, expect, it } from 'vitest';
import { addPart, beginAssembly, endAssembly } from '../../src/mt5/wire/snapshot-parts.ts';
import { compiledExpert, ExpertBench } from './expert-bench.ts';
import { hasCompiler } from './toolchain.ts';

const present = hasCompiler();
if (!present) console.warn('SKIPPED: there is no g++ here, so the Expert Advisor was not run');

describe.runIf(present)('the Expert Advisor on the link', () => {
  beforeAll(() => void compiledExpert(), 180_000);

  it('introduces itself, takes a claim and proves a snapshot', async () => {
    const bench = await ExpertBench.open();
    await bench.terminal.start();
    await bench.terminal.elapse(5_000);
    const hello = await bench.control();
    expect(bench.identity).toBe('5012345@Sim/ea-1');
    expect(hello).toMatchObject({
      account: { login: '5012345', balance: '100000.00', equity: '100000.00' },
      timeBase: 'server',
      simulated: false,
      clock: null,
      highestEpoch: 0,
      switches: { terminal: true, mql: true, account: true, expert: true },
    });
    expect(bench.epoch).toBe(1);
    bench.say({ kind: 'snapshot.request', snapshotId: 'a', historyFromMs: 0 });
    const { body: begin } = await bench.next('snapshot.begin');
    let assembly = beginAssembly(begin);
    for (let part = 0; part < begin.parts; part += 1)
      assembly = addPart(assembly, (await bench.next('snapshot.part')).body);
    const assembled = endAssembly(assembly, (await bench.next('snapshot.end')).body);
    expect(assembled).toMatchObject({ ok: true, snapshot: { complete: true } });
  });

  it('keeps a quiet link on which bytes are reported that are not there', async () => {
    const bench = await ExpertBench.open();
    await bench.begin();
    for (let event = 0; event < 400; event += 1) await bench.terminal.elapse(1);
    expect(bench.terminal.printed.join('\n')).not.toContain('connection ended');
    const id = bench.say(bench.order('i1', { seenMono: bench.mono }));
    expect((await bench.answer('ack', id)).body.status).toBe('accepted');
  });

  it('carries out an order once, however often it is asked', async () => {
    const bench = await ExpertBench.open();
    await bench.terminal.start();
    await bench.terminal.elapse(5_000);
    await bench.control();
    const id = bench.say(bench.order('i1'));
    expect((await bench.answer('ack', id)).body).toMatchObject({ status: 'accepted' });
    const { body } = await bench.next('result');
    expect(body.result).toMatchObject({ intent: 'i1', retcode: 10009, volume: '0.5' });
    const { body: trade } = await bench.next('trade');
    expect(trade.positions).toHaveLength(1);
    const again = bench.say(bench.order('i1'));
    expect((await bench.answer('ack', again)).body).toMatchObject({
      status: 'duplicate',
      result: body.result,
    });
    expect(bench.terminal.broker.engine.state.positions.size).toBe(1);
  });
});
