import type { Writable } from 'node:stream';
import colors from 'picocolors';
import type { GuardPosition, GuardSummary } from '../actors/guard/guard-summary.ts';
import type { Notice, Runtime } from '../actors/runtime.ts';
import { formatLots, formatPrice } from '../domain/instrument.ts';
import type { Clock, TimerHandle } from '../domain/ports.ts';
import { formatDecimal, lotsE8, points } from '../domain/units.ts';
import { tradeWords } from './trade-words.ts';

/**
 * The console of a running session. On a terminal it redraws one picture: status, equity against
 * both floors, positions, last events. Elsewhere (a pipe, a log) it writes events as they come and
 * a status line now and then.
 */
export interface ConsoleView {
  /** A line that stays: above the picture, or among the other lines. */
  readonly announce: (line: string) => void;
  readonly close: () => void;
}
const EVENTS_SHOWN = 8;
const POSITIONS_SHOWN = 12;
const LINE_EVERY_MS = 5_000;

export const openConsole = (input: {
  readonly runtime: Runtime;
  readonly out: Writable & { readonly isTTY?: boolean };
  readonly clock: Clock;
  readonly refreshMs: number;
  readonly currency: string;
  readonly currencyDigits: number;
  /** Write a line for each trade and refusal also where nothing is redrawn. */
  readonly tellsTrades: boolean;
  readonly title: string;
}): ConsoleView => {
  const { runtime, out, clock } = input;
  const live = out.isTTY === true;
  const events: Notice[] = [];
  let drawn = 0;
  let timer: TimerHandle | undefined;
  const tell = (notice: Notice): void => {
    events.push(notice);
    if (events.length > EVENTS_SHOWN) events.shift();
    if (!live) out.write(`${eventLine(notice)}\n`);
  };
  runtime.onNotice(tell);
  const words = tradeWords(input.currencyDigits);
  runtime.onEntry((entry) => {
    const notice = words(entry);
    if (notice === undefined) return;
    // A fast replay tells no trades, but what went wrong is told everywhere.
    if (live || input.tellsTrades || notice.severity !== 'info') tell(notice);
  });
  const draw = (): void => {
    if (live) {
      const lines = picture(runtime, events, input.title, input.currency);
      out.write(`${drawn > 0 ? `\u001b[${drawn}A\u001b[0J` : ''}${lines.join('\n')}\n`);
      drawn = lines.length;
    } else {
      out.write(`${statusLine(runtime, input.currency)}\n`);
    }
  };
  const tick = (): void => {
    draw();
    timer = clock.schedule(live ? input.refreshMs : LINE_EVERY_MS, tick);
  };
  timer = clock.schedule(live ? 0 : LINE_EVERY_MS, tick);
  return {
    announce: (line) => {
      const above = live && drawn > 0 ? `\u001b[${drawn}A\u001b[0J` : '';
      drawn = 0;
      out.write(`${above}${line}\n`);
      if (live) draw();
    },
    close: () => {
      timer?.cancel();
      if (live) draw();
    },
  };
};

const time = (atMs: number): string => new Date(atMs).toISOString().replace('T', ' ').slice(0, 19);

const eventLine = (notice: Notice): string =>
  `${time(notice.at)} ${notice.severity.padEnd(7)} ${notice.code}: ${notice.detail}` +
  (notice.path === undefined ? '' : ` [${notice.path}]`);

const money = (value: bigint | null | undefined, digits: number): string =>
  value === null || value === undefined ? '-' : formatDecimal(value, digits);

/** One line for a log: the same words as the picture. */
const statusLine = (runtime: Runtime, currency: string): string => {
  const guard = runtime.guard();
  const progress = runtime.progress();
  const digits = guard?.currencyDigits ?? 2;
  return [
    `${time(runtime.now())} status  ${sentence(guard)}`,
    `equity ${money(guard?.equity, digits)} ${currency}`,
    `${guard?.positions.length ?? 0} open`,
    `${progress?.barsTotal ?? 0} bars, ${progress?.ticksTotal ?? 0} ticks`,
  ].join('; ');
};

/** Status is a sentence first. */
const sentence = (guard: GuardSummary | undefined): string => {
  if (guard === undefined || guard.equity === null) return 'waiting for the terminal';
  switch (guard.mode) {
    case 'active':
      return 'trading';
    case 'reducing':
      return 'only closing: the worst case uses most of the headroom';
    case 'locked':
      return `locked: ${guard.reason}; a person must rearm`;
    default:
      return `halted: ${guard.holds.join(', ') || guard.reason}`;
  }
};

const picture = (
  runtime: Runtime,
  events: readonly Notice[],
  title: string,
  currency: string,
): readonly string[] => {
  const guard = runtime.guard();
  const progress = runtime.progress();
  const digits = guard?.currencyDigits ?? 2;
  const trading = guard?.mode === 'active';
  const status = trading ? colors.green(sentence(guard)) : colors.yellow(sentence(guard));
  const positions = guard?.positions ?? [];
  const hidden = positions.length - POSITIONS_SHOWN;
  return [
    `${colors.bold('bulwark')}  ${title}  ${colors.dim(`${time(runtime.now())} market time, UTC`)}`,
    `status    ${status}`,
    `equity    ${money(guard?.equity, digits)} ${currency}   balance ${money(guard?.balance, digits)}` +
      `   lowest ${money(guard?.minEquity, digits)}`,
    `floors    ${floorText(guard, 'daily', digits)}   ${floorText(guard, 'total', digits)}`,
    `market    ${progress?.barsTotal ?? 0} bars, ${progress?.ticksTotal ?? 0} ticks` +
      `   restarts ${runtime.restarts()}`,
    positions.length === 0 ? 'positions none' : 'positions',
    ...positions.slice(0, POSITIONS_SHOWN).map(positionLine),
    ...(hidden > 0 ? [colors.dim(`  and ${hidden} more`)] : []),
    events.length === 0 ? 'events    none' : 'events',
    ...events.map((event) => colorOf(event)(`  ${eventLine(event)}`)),
    colors.dim('Ctrl-C stops in order'),
  ];
};

const colorOf = ({ severity }: Notice): ((text: string) => string) =>
  severity === 'error' ? colors.red : severity === 'warning' ? colors.yellow : colors.dim;

const BAR_CELLS = 20;

/** A floor, how far equity is above it, and the same as a bar of the distance from the floor. */
const floorText = (
  guard: GuardSummary | undefined,
  name: 'daily' | 'total',
  digits: number,
): string => {
  const floor = guard?.floors?.[name];
  if (guard === undefined || guard.equity === null || floor === null || floor === undefined) {
    return `${name} -`;
  }
  const room = guard.equity - floor;
  const full = guard.balance === null ? room : guard.balance - floor;
  const share = full > 0n ? Number((room * BigInt(BAR_CELLS)) / full) : 0;
  const cells = Math.max(0, Math.min(BAR_CELLS, share));
  const bar = '█'.repeat(cells) + '░'.repeat(BAR_CELLS - cells);
  return `${name} ${money(floor, digits)} ${bar} ${money(room, digits)} above`;
};

const positionLine = (position: GuardPosition): string => {
  const { digits, side, bid, ask } = position;
  const price = (value: number | null): string =>
    value === null ? '-' : formatPrice(points(value), digits);
  return [
    `  ${position.symbol.padEnd(8)} ${side.padEnd(4)} ${formatLots(lotsE8(position.volumeE8))} lots`,
    `at ${price(position.open)}`,
    `stop ${price(position.stopLoss)}`,
    `now ${price(side === 'buy' ? bid : ask)}`,
    colors.dim(`#${position.ticket}`),
  ].join('  ');
};
