/** MetaTrader 5's history report as the terminal writes it, and its table of deals as text. */

interface Language {
  readonly title: string;
  readonly positions: string;
  readonly deals: string;
  readonly positionHeading: readonly string[];
  readonly dealHeading: readonly string[];
}

export const ENGLISH: Language = {
  title: 'Trade History Report',
  positions: 'Positions',
  deals: 'Deals',
  positionHeading: [
    ...['Time', 'Position', 'Symbol', 'Type', 'Volume', 'Price', 'S / L', 'T / P', 'Time', 'Price'],
    ...['Commission', 'Swap', 'Profit'],
  ],
  dealHeading: [
    ...['Time', 'Deal', 'Symbol', 'Type', 'Direction', 'Volume', 'Price', 'Order', 'Commission'],
    ...['Fee', 'Swap', 'Profit', 'Balance', 'Comment'],
  ],
};

export const SPANISH: Language = {
  title: 'Informe de historial de trading',
  positions: 'Posiciones',
  deals: 'Transacciones',
  positionHeading: [
    ...['Fecha/Hora', 'Posición', 'Símbolo', 'Tipo', 'Volumen', 'Precio', 'S / L', 'T / P'],
    ...['Fecha/Hora', 'Precio', 'Comisión', 'Swap', 'Beneficio'],
  ],
  dealHeading: [
    ...['Fecha/Hora', 'Transacción', 'Símbolo', 'Tipo', 'Dirección', 'Volumen', 'Precio', 'Orden'],
    ...['Comisión', 'Tarifa', 'Swap', 'Beneficio', 'Balance', 'Comentario'],
  ],
};

/** Cells of a deal in the order of the heading. */
export type DealCells = readonly string[];

export const balanceDeal = (time: string, profit: string, balance: string): DealCells => [
  ...[time, '1', '', 'balance', '', '', '', '', '0.00', '0.00', '0.00', profit, balance, ''],
];

interface Trade {
  readonly time: string;
  readonly direction: string;
  readonly commission?: string;
  readonly swap?: string;
  readonly profit?: string;
  readonly balance: string;
  readonly symbol?: string;
  readonly volume?: string;
}
export const tradeDeal = (trade: Trade): DealCells => {
  const { commission = '0.00', swap = '0.00', profit = '0.00', volume = '1' } = trade;
  const what = [trade.symbol ?? 'EURUSD', 'buy', trade.direction, volume, '1.10000', '7'];
  return [trade.time, '2', ...what, commission, '0.00', swap, profit, trade.balance, 'sl & tp'];
};

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('\u00a0', '&nbsp;');
const row = (cells: readonly string[], bold = false): string => {
  const cell = (text: string): string =>
    bold ? `<td nowrap><b>${escaped(text)}</b></td>` : `<td class="mspt">${escaped(text)}</td>`;
  return `<tr bgcolor="#FFFFFF" align="right">\r\n${cells.map(cell).join('\r\n')}\r\n</tr>\r\n`;
};
const section = (name: string): string =>
  `<tr align="center"><th colspan="14" style="height: 25px"><div><b>${name}</b></div></th></tr>\r\n`;

export const htmlReport = (language: Language, deals: readonly DealCells[]): string =>
  [
    '<!DOCTYPE html PUBLIC "-//W3C//DTD HTML 4.01//EN" "http://www.w3.org/TR/html4/strict.dtd">',
    `<html><head><title>${language.title}</title></head><body><div align="center"><table>`,
    section(language.positions),
    row(language.positionHeading, true),
    row(
      '2024.01.08 10:00:00|9|EURUSD|buy|1|1.1|||2024.01.08 12:00:00|1.2|0|0|999999.00'.split('|'),
    ),
    section(language.deals),
    row(language.dealHeading, true),
    ...deals.map((cells) => row(cells)),
    '<tr align="right"><td colspan="8"></td><td><b>-7.00</b></td><td><b>0.00</b></td>',
    '<td><b>0.00</b></td><td><b>5.00</b></td><td><b>1</b></td><td></td></tr>\r\n',
    section('Open Positions'),
    '</table></div></body></html>\r\n',
  ].join('\r\n');

export const delimitedDeals = (
  language: Language,
  deals: readonly DealCells[],
  delimiter = '\t',
): string => [language.dealHeading, ...deals].map((cells) => cells.join(delimiter)).join('\r\n');

export type TextEncoding = 'utf-8' | 'utf-8 bom' | 'utf-16le' | 'utf-16be' | 'utf-16le no bom';

export const encoded = (text: string, encoding: TextEncoding): Buffer => {
  if (encoding === 'utf-8') return Buffer.from(text, 'utf8');
  if (encoding === 'utf-8 bom') return Buffer.from(`\ufeff${text}`, 'utf8');
  const little = Buffer.from(encoding.endsWith('no bom') ? text : `\ufeff${text}`, 'utf16le');
  return encoding === 'utf-16be' ? little.swap16() : little;
};
