/**
 * The columns of MetaTrader's table of deals by their headings in English and Spanish. Headings are
 * compared without case, accents and punctuation, since builds of the terminal differ in those.
 */
export const DEAL_COLUMNS = {
  time: ['time', 'datetime', 'fechahora', 'fecha', 'hora', 'tiempo'],
  deal: ['deal', 'ticket', 'transaccion', 'operacion', 'trato'],
  symbol: ['symbol', 'simbolo', 'instrumento'],
  type: ['type', 'tipo'],
  direction: ['direction', 'entry', 'direccion', 'entrada'],
  volume: ['volume', 'lots', 'volumen', 'lotes'],
  commission: ['commission', 'comision', 'comisiones'],
  fee: ['fee', 'tarifa', 'cuota', 'tasa', 'honorarios'],
  swap: ['swap', 'swaps'],
  profit: ['profit', 'beneficio', 'beneficios', 'ganancia'],
  balance: ['balance', 'saldo'],
} as const;
export type DealColumn = keyof typeof DEAL_COLUMNS;

/** Without these a row is no deal. */
const REQUIRED: readonly DealColumn[] = ['time', 'type', 'profit'];

const plain = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}]/gu, '');

export type ColumnIndex = Readonly<Partial<Record<DealColumn, number>>>;

/** Where each known column stands in a heading; the first of two columns with one name counts. */
export const columnsOf = (cells: readonly string[]): ColumnIndex => {
  const index: Partial<Record<DealColumn, number>> = {};
  for (const [position, cell] of cells.entries()) {
    const name = plain(cell);
    for (const column of Object.keys(DEAL_COLUMNS) as DealColumn[]) {
      const aliases: readonly string[] = DEAL_COLUMNS[column];
      if (index[column] === undefined && aliases.includes(name)) index[column] = position;
    }
  }
  return index;
};

/** The table of deals has a direction or a running balance; that of positions has neither. */
export const isDealHeading = (index: ColumnIndex): boolean =>
  REQUIRED.every((column) => index[column] !== undefined) &&
  (index.direction !== undefined || index.balance !== undefined || index.deal !== undefined);

/** What was looked for, for the message of a file in which it is not. */
export const EXPECTED_HEADING =
  'Time, Deal, Symbol, Type, Direction, Volume, Commission, Fee, Swap, Profit, Balance, or in ' +
  'Spanish Fecha/Hora, Transacción, Símbolo, Tipo, Dirección, Volumen, Comisión, Swap, ' +
  'Beneficio, Balance';

export type DealKind = 'trade' | 'transfer' | 'credit' | 'booking';
const KINDS: Readonly<Record<DealKind, readonly string[]>> = {
  trade: ['buy', 'sell', 'compra', 'venta', 'comprar', 'vender', 'buycanceled', 'sellcanceled'],
  // A bonus is money that was brought, as in the live book.
  transfer: [
    'balance',
    'deposit',
    'withdrawal',
    'bonus',
    'saldo',
    'deposito',
    'retiro',
    'retirada',
    'bono',
  ],
  credit: ['credit', 'credito'],
  booking: [
    'charge',
    'correction',
    'commission',
    'dailycommission',
    'monthlycommission',
    'commissiondaily',
    'commissionmonthly',
    'agent',
    'agentcommission',
    'agentdaily',
    'agentmonthly',
    'interest',
    'interestrate',
    'dividend',
    'franked',
    'tax',
    'cargo',
    'correccion',
    'comision',
    'interes',
    'dividendo',
    'impuesto',
  ],
};

export const dealKindOf = (text: string): DealKind | undefined => {
  const name = plain(text);
  return (Object.keys(KINDS) as DealKind[]).find((kind) => KINDS[kind].includes(name));
};

export type Direction = 'open' | 'close' | 'reversal';
const DIRECTIONS: Readonly<Record<Direction, readonly string[]>> = {
  open: ['in', 'entrada'],
  close: ['out', 'outby', 'salida', 'salidapor'],
  reversal: ['inout', 'entradasalida'],
};

export const directionOf = (text: string): Direction | undefined => {
  const name = plain(text);
  return (Object.keys(DIRECTIONS) as Direction[]).find((key) => DIRECTIONS[key].includes(name));
};
