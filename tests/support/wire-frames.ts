import type {
  EaBody,
  EaFrame,
  Envelope,
  RuntimeBody,
  RuntimeFrame,
} from '../../src/mt5/wire/messages.ts';

export const envelope: Envelope = {
  v: 1,
  id: '01ARZ3NDEKTSV4RRFFQ69G5FAV',
  re: null,
  session: 's-1',
  claim: { epoch: 3, instance: 'runtime-1' },
  seq: 12,
  ts: { msc: 1_400_000_000_000, server: null, gmt: null, mono: 123_456 },
  trace: null,
};
export const eaFrame = (body: EaBody, extra: Partial<Envelope> = {}): EaFrame => ({
  envelope: { ...envelope, ...extra },
  body,
});
export const runtimeFrame = (body: RuntimeBody, extra: Partial<Envelope> = {}): RuntimeFrame => ({
  envelope: { ...envelope, ...extra },
  body,
});

export const ready: EaBody = { kind: 'ready' };
export const busy = (op: string): EaBody => ({ kind: 'busy', op, maxMs: 1_000 });
export const goodbye = (reason: string): RuntimeBody & EaBody => ({ kind: 'goodbye', reason });
export const heartbeat: RuntimeBody = { kind: 'runtime.heartbeat', leaseMs: 15_000 };
/** About 550 bytes on the wire: the message that must not be late. */
export const placeOrder: RuntimeBody = {
  kind: 'order.place',
  intent: '01ARZ3NDEKTSV4RRFFQ69G5FAV',
  attempt: 1,
  seenMono: 123_400,
  ttlMs: 500,
  symbol: 'EURUSD',
  side: 'buy',
  type: 'market',
  volume: '0.10',
  price: '1.38012',
  stopLimitPrice: null,
  stopLoss: '1.37900',
  takeProfit: null,
  deviationPoints: 20,
  magic: '9223372036854775807',
  filling: 'fok',
  tif: 'gtc',
  expiresAtMs: null,
  comment: '',
};

/** The parts of a message whose JSON the test writes itself. */
export const rawParts = (message: unknown): Uint8Array[] => [
  Buffer.from(typeof message === 'string' ? message : JSON.stringify(message)),
];
