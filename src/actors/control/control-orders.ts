import type { Clock, TimerHandle } from '../../domain/ports.ts';
import type { OperatorReply } from '../operator/operator-types.ts';
import type { Brake } from './brake.ts';
import { CONTROL_LIMITS } from './control-limits.ts';
import {
  CONTROL_VERSION,
  type ControlAnswer,
  type ControlRequest,
  type FromMain,
  refusedAnswer,
  stopsTrading,
  type ToMain,
} from './control-protocol.ts';

interface Placed {
  readonly request: ControlRequest;
  readonly answer: (answer: ControlAnswer) => void;
  readonly timers: TimerHandle[];
}

/**
 * Orders on their way to the main thread. One that stops trading pulls the brake before anything
 * else. The main thread says at once that it has read an order; when it does not, it is busy or
 * stuck, and the client is answered from here: a status as it was last left, a kill by the last
 * resort, everything else by the truth that it waits.
 */
export class OrderBook {
  readonly #clock: Clock;
  readonly #brake: Brake;
  readonly #tell: (message: ToMain) => void;
  readonly #lastResort: (reason: string) => void;
  readonly #placed = new Map<number, Placed>();
  #number = 0;
  #status: { readonly at: number; readonly reply: OperatorReply } | undefined;

  constructor(parts: {
    readonly clock: Clock;
    readonly brake: Brake;
    readonly tell: (message: ToMain) => void;
    readonly lastResort: (reason: string) => void;
  }) {
    this.#clock = parts.clock;
    this.#brake = parts.brake;
    this.#tell = parts.tell;
    this.#lastResort = parts.lastResort;
  }

  place(request: ControlRequest, answer: Placed['answer']): void {
    this.#post('cli', request, answer);
  }

  killByFile(reason: string): void {
    const command = { type: 'kill', reason } as const;
    const request = { v: CONTROL_VERSION, id: 'KILL', account: 'all', command } as const;
    this.#post('file', request, () => undefined);
  }

  hear(message: Exclude<FromMain, { readonly type: 'close' }>): void {
    switch (message.type) {
      case 'status':
        this.#status = { at: message.at, reply: message.reply };
        return;
      case 'taken':
        for (const timer of this.#placed.get(message.number)?.timers ?? []) timer.cancel();
        return;
      case 'answer': {
        const placed = this.#placed.get(message.number);
        this.#placed.delete(message.number);
        placed?.answer({ v: CONTROL_VERSION, id: placed.request.id, reply: message.reply });
        return;
      }
    }
  }

  #post(origin: 'cli' | 'file', request: ControlRequest, answer: Placed['answer']): void {
    if (stopsTrading(request.command)) this.#brake.pull();
    this.#number += 1;
    const number = this.#number;
    const timers: TimerHandle[] = [];
    this.#placed.set(number, { request, answer, timers });
    this.#tell({ type: 'order', number, origin, request });
    timers.push(this.#clock.schedule(CONTROL_LIMITS.takenMs, () => this.#late(number)));
    if (request.command.type !== 'kill') return;
    timers.push(this.#clock.schedule(CONTROL_LIMITS.lastResortMs, () => this.#givenUp(number)));
  }

  #late(number: number): void {
    const placed = this.#placed.get(number);
    if (placed === undefined) return;
    const { command, id } = placed.request;
    if (command.type === 'kill') return; // The last resort answers, or the main thread does.
    this.#placed.delete(number);
    if (command.type === 'status' && this.#status !== undefined) {
      const { at, reply } = this.#status;
      placed.answer({ v: CONTROL_VERSION, id, reply, staleMs: this.#clock.now() - at });
      return;
    }
    const wait = 'the main thread is busy and has not read the order yet';
    const cause = stopsTrading(command) ? `${wait}; nothing opens meanwhile` : wait;
    const remedy = 'it is carried out as soon as it can be; kill ends a process that is stuck';
    placed.answer(refusedAnswer(id, 'NO_ANSWER', cause, remedy));
  }

  #givenUp(number: number): void {
    const placed = this.#placed.get(number);
    if (placed === undefined || placed.request.command.type !== 'kill') return;
    const { id, command, by = 'cli' } = placed.request;
    const text =
      'the main thread is stuck: the lock is on the disk as the KILL file, this process is ended, ' +
      'and its successor locks and closes everything; delete the file before you rearm';
    const done = [{ account: null, text }];
    placed.answer({ v: CONTROL_VERSION, id, reply: { ok: true, done, result: null } });
    // The answer leaves before the process does.
    this.#clock.schedule(0, () => this.#lastResort(`${by}: ${command.reason}`));
  }
}
