import type { Socket } from 'node:net';
import { CONTROL_LIMITS } from './control-limits.ts';
import type { OrderBook } from './control-orders.ts';
import { type ControlAnswer, readRequest, refusedAnswer } from './control-protocol.ts';

/** One client: lines in, answers out, in bounds. What cannot be read ends the connection. */
export const serveLines = (socket: Socket, orders: OrderBook): void => {
  let rest = '';
  const answer = (value: ControlAnswer): void => {
    if (!socket.writable) return;
    const line = JSON.stringify(value);
    const isLong = Buffer.byteLength(line) > CONTROL_LIMITS.replyBytes;
    const cause = 'the answer is longer than the socket carries';
    const told = isLong
      ? JSON.stringify(refusedAnswer(value.id, 'NO_ANSWER', cause, 'ask for one account'))
      : line;
    socket.write(`${told}\n`);
  };
  const refuse = (cause: string): void => {
    const remedy = 'send one JSON object a line, as docs/operations.md describes';
    socket.end(`${JSON.stringify(refusedAnswer(null, 'INVALID', cause, remedy))}\n`);
    socket.removeAllListeners('data');
  };
  socket.setEncoding('utf8');
  socket.setTimeout(CONTROL_LIMITS.idleMs, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: string) => {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    if ([...lines, rest].some((line) => line.length > CONTROL_LIMITS.requestBytes)) {
      refuse(`a line is longer than ${CONTROL_LIMITS.requestBytes} bytes`);
      return;
    }
    for (const line of lines) {
      if (line.trim() === '') continue;
      const read = readRequest(line);
      if (!read.ok) {
        refuse(read.cause);
        return;
      }
      orders.place(read.request, answer);
    }
  });
};
