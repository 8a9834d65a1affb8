import type { EpochMs, Minor } from '../../domain/units.ts';
import { minor, ZERO_MINOR } from '../../domain/units.ts';
import type { AccountEvent } from '../../risk/account-walk-types.ts';
import type { ServerZone } from '../venue-time.ts';
import { decimalSignOf, parseReportAmount, parseReportVolume } from './amounts.ts';
import type { ColumnIndex, DealColumn } from './deal-columns.ts';
import { columnsOf, dealKindOf, directionOf, isDealHeading } from './deal-columns.ts';
import type { EntryProblem, Read } from './errors.ts';
import { refuse, shown } from './errors.ts';
import { parseInstant, parseVenueTime } from './instants.ts';

const EXPORT_AGAIN = 'Export the report again from MetaTrader without changing it';
const MONEY = ['commission', 'fee', 'swap', 'profit'] as const;

/** A row that is a deal, a row that is not part of the table, or the end of the table. */
export type DealRow =
  | { readonly kind: 'deal'; readonly event: AccountEvent }
  | { readonly kind: 'skipped'; readonly why: 'outside' | 'heading' | 'totals' | 'credit' }
  | ({ readonly kind: 'refused' } & EntryProblem);

/** A time that names its own zone, or epoch milliseconds. */
const HAS_ZONE = /(?:z|:\d\d[+-]\d\d:?\d\d)$|^\d{12,}$/i;

interface Figures {
  readonly at: EpochMs;
  readonly amount: Minor;
  readonly balance: Minor | undefined;
}

const refused = ({ reason, remedy }: EntryProblem): DealRow => ({
  kind: 'refused',
  reason,
  remedy,
});

/**
 * Turns the rows of a report, cells in their order, into entries of the account's history. Reports
 * hold several tables; only that of the deals is read, from its heading to the next blank time.
 */
export class DealTable {
  private readonly zone: ServerZone;
  private columns: ColumnIndex | undefined;
  private started = false;
  /** How the file has written its decimals so far; see `mixed`. */
  private readonly signs = new Map<'comma' | 'either', string>();

  constructor(zone: ServerZone) {
    this.zone = zone;
  }

  /** True once the heading of the deals has been seen. */
  get found(): boolean {
    return this.columns !== undefined || this.started;
  }

  row(cells: readonly string[]): DealRow {
    const heading = columnsOf(cells);
    if (isDealHeading(heading)) {
      this.columns = heading;
      this.started = true;
      return { kind: 'skipped', why: 'heading' };
    }
    if (this.columns === undefined) return { kind: 'skipped', why: 'outside' };
    const isDeal = dealKindOf(this.cell(cells, 'type')) !== undefined;
    if (this.cell(cells, 'time') === '' || (!/\d/.test(this.cell(cells, 'time')) && !isDeal)) {
      // MetaTrader ends the table with a row of sums, which has no time; others write "Total".
      this.columns = undefined;
      return { kind: 'skipped', why: 'totals' };
    }
    if (this.isCutOff(cells)) {
      const reason = 'the row ends before its columns do: the file was cut off';
      return refused({ reason, remedy: EXPORT_AGAIN });
    }
    if (cells.filter((cell) => cell !== '').length < 2) {
      this.columns = undefined;
      return { kind: 'skipped', why: 'outside' };
    }
    return this.deal(cells);
  }

  /** A row that begins like a deal and has no place for its money. Empty cells at the end may be
   * missing, but not those that say what was booked. */
  private isCutOff(cells: readonly string[]): boolean {
    const { profit = 0, balance = 0 } = this.columns ?? {};
    const time = this.cell(cells, 'time');
    return (
      cells.length <= Math.max(profit, balance) && /^\d{4}[.-]\d\d[.-]\d\d|^\d{12,}/.test(time)
    );
  }

  /** `1.234` is a thousand and more where decimals are written with a comma. A file says which. */
  private mixed(text: string): string | undefined {
    const sign = decimalSignOf(text);
    if (sign === undefined) return undefined;
    if (!this.signs.has(sign)) this.signs.set(sign, text);
    return this.signs.size < 2 ? undefined : this.signs.get('either');
  }

  private cell(cells: readonly string[], column: DealColumn): string {
    const position = this.columns?.[column];
    return position === undefined ? '' : (cells[position] ?? '').trim();
  }

  private figures(cells: readonly string[]): Read<Figures> {
    const time = this.cell(cells, 'time');
    const at = HAS_ZONE.test(time) ? parseInstant(time) : parseVenueTime(time, this.zone);
    if (!at.ok) return at;
    let amount = ZERO_MINOR;
    for (const column of MONEY) {
      const text = this.cell(cells, column);
      const money = text === '' ? ZERO_MINOR : parseReportAmount(text);
      if (money === undefined) return refuse(`${column} ${shown(text)} is no amount`, EXPORT_AGAIN);
      amount = minor(amount + money);
    }
    for (const column of [...MONEY, 'balance'] as const) {
      const unclear = this.mixed(this.cell(cells, column));
      if (unclear === undefined) continue;
      const reason = `${shown(unclear)} may be thousands or decimals: other amounts of the file have a decimal comma`;
      return refuse(reason, 'Write every amount with its decimals, or without a thousands sign');
    }
    const text = this.cell(cells, 'balance');
    const balance = text === '' ? undefined : parseReportAmount(text);
    if (text !== '' && balance === undefined) {
      return refuse(`balance ${shown(text)} is no amount`, EXPORT_AGAIN);
    }
    return { ok: true, value: { at: at.value, amount, balance } };
  }

  private deal(cells: readonly string[]): DealRow {
    const figures = this.figures(cells);
    if (!figures.ok) return refused(figures);
    const typeText = this.cell(cells, 'type');
    const kind = dealKindOf(typeText);
    if (kind === undefined) {
      const remedy = 'Types look like buy, sell, balance, credit, charge (English or Spanish)';
      return refused({ reason: `there is no deal type ${shown(typeText)}`, remedy });
    }
    if (kind === 'credit') return { kind: 'skipped', why: 'credit' };
    const { at, amount, balance } = figures.value;
    const money = {
      at,
      amount,
      ...(balance === undefined ? {} : { balance, balanceBefore: minor(balance - amount) }),
    };
    if (kind === 'transfer') {
      const type = amount < 0n ? 'withdrawal' : 'deposit';
      return { kind: 'deal', event: { ...money, type } };
    }
    if (kind === 'booking') return { kind: 'deal', event: { ...money, type: 'deal' } };
    return this.trade(cells, money);
  }

  private trade(
    cells: readonly string[],
    money: Pick<AccountEvent, 'at' | 'amount' | 'balance' | 'balanceBefore'>,
  ): DealRow {
    const symbol = this.cell(cells, 'symbol');
    const volumeText = this.cell(cells, 'volume');
    const volumeE8 = volumeText === '' ? undefined : parseReportVolume(volumeText);
    if (volumeText !== '' && volumeE8 === undefined) {
      const reason = `volume ${shown(volumeText)} is no number of lots`;
      return refused({ reason, remedy: EXPORT_AGAIN });
    }
    const trade = {
      ...money,
      ...(symbol === '' ? {} : { symbol }),
      ...(volumeE8 === undefined ? {} : { volumeE8 }),
    };
    const text = this.cell(cells, 'direction');
    if (text === '') return { kind: 'deal', event: { ...trade, type: 'deal' } };
    const type = directionOf(text);
    if (type !== undefined) return { kind: 'deal', event: { ...trade, type } };
    const remedy = 'Directions are in, out, in/out and out by (entrada, salida)';
    return refused({ reason: `there is no direction ${shown(text)}`, remedy });
  }
}
