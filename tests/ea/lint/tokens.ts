/** A token of MQL5; `directive` is a whole preprocessor line. */
export interface Token {
  readonly kind: 'word' | 'number' | 'string' | 'character' | 'punctuation' | 'directive' | 'other';
  readonly text: string;
  readonly line: number;
}

const PATTERNS = [
  ['skip', /(?:\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)/y],
  ['string', /(?:\b(?:u8R|uR|UR|LR|R|u8|u|U|L))?"(?:[^"\\\n]|\\.)*"/y],
  ['character', /(?:\b[DCBuUL])?'(?:[^'\\\n]|\\.)*'/y],
  ['number', /(?:0[xX][\da-fA-F']+|0[bB][01']+|(?:\d[\d']*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)[\w]*/y],
  ['word', /[A-Za-z_]\w*/y],
  [
    'punctuation',
    /(?:\.\.\.|<<=|>>=|->|::|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|##|[-+*/%&|^~!<>=?:;,.()[\]{}#])/y,
  ],
] as const;

/** Cuts a source into tokens; what is none of MQL5's is `other`. */
export const tokensOf = (source: string): readonly Token[] => {
  const tokens: Token[] = [];
  let at = 0;
  let line = 1;
  let lineStart = true;
  const advance = (text: string): void => {
    for (const unit of text) if (unit === '\n') line += 1;
    at += text.length;
  };
  while (at < source.length) {
    if (lineStart && /[ \t]*#/y.test(source.slice(at, at + 80))) {
      const [text = ''] = /(?:\\\r?\n|[^\n])*/y.exec(source.slice(at)) ?? [];
      tokens.push({ kind: 'directive', text: text.trim(), line });
      advance(text);
      lineStart = false;
      continue;
    }
    let matched = false;
    for (const [kind, pattern] of PATTERNS) {
      pattern.lastIndex = at;
      const [text] = pattern.exec(source) ?? [];
      if (text === undefined || text === '') continue;
      if (kind !== 'skip') tokens.push({ kind, text, line });
      lineStart = kind === 'skip' ? text.includes('\n') || lineStart : false;
      advance(text);
      matched = true;
      break;
    }
    if (matched) continue;
    tokens.push({ kind: 'other', text: source[at] ?? '', line });
    advance(source[at] ?? '');
    lineStart = false;
  }
  return tokens;
};
