/** Cells are parted by the sign that the line has most of, outside of quotes: tab, `;` or `,`. */
const DELIMITERS = ['\t', ';', ','] as const;

/** Cells of one line; quotes may hold the delimiter, and two of them stand for one. */
export const cellsOfLine = (line: string, delimiter: string): readonly string[] => {
  const cells: string[] = [];
  let cell = '';
  let quoted = false;
  for (let index = 0; index < line.length; index += 1) {
    const sign = line.charAt(index);
    if (quoted && sign === '"' && line.charAt(index + 1) === '"') {
      cell += '"';
      index += 1;
    } else if (sign === '"') quoted = !quoted;
    else if (sign === delimiter && !quoted) {
      cells.push(cell.trim());
      cell = '';
    } else cell += sign;
  }
  return [...cells, cell.trim()];
};

/** Every way in which a line can be cut, the likeliest first. */
export const cuttings = (line: string): readonly string[] =>
  [...DELIMITERS].sort(
    (a, b) => cellsOfLine(line, b).length - cellsOfLine(line, a).length || (a < b ? -1 : 1),
  );
