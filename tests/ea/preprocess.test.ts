import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { PreprocessError, rewriteLine, translate } from './preprocess.ts';

describe('a line of MQL5', () => {
  it.each([
    ['void F(const uchar &a[], int n)', 'void F(const MqlArray<uchar>& a, int n)'],
    ['uchar buffer[];', 'MqlArray<uchar> buffer;'],
    ['static const uint K[64] = {1, 2};', 'static const MqlFixed<uint, 64> K = {1, 2};'],
    ['string parts[], text;', 'MqlArray<string> parts, text;'],
    ['x = a[i] & b[j];', 'x = a[i] & b[j];'],
    ['return a[i];', 'return a[i];'],
    ['else a[0] = 1;', 'else a[0] = 1;'],
    ['s = "a \\"b[]\\" // c";', 's = u"a \\"b[]\\" // c"_s;'],
    ['input int N = 5; // how many', 'static int N = inputOf<int>("N", 5); '],
    ['sinput string S = "a;b";', 'static string S = inputOf<string>("S", u"a;b"_s);'],
    ['input group "Link"', ''],
    ['#property version "1.00"', ''],
    ["datetime d = D'2024.03.04 10:11:12';", 'datetime d = 1709547072L;'],
    ["datetime d = D'1970.01.02';", 'datetime d = 86400L;'],
    ["color c = C'1,2,3';", 'color c = 197121U;'],
    ["if(c == '[' || c == '\"') x();", "if(c == '[' || c == '\"') x();"],
  ])('%s', (mql5, cpp) => {
    expect(rewriteLine(mql5)).toBe(cpp);
  });
});

describe('a program', () => {
  it('keeps its lines, its files and what stands in block comments out', () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, 'Include/Own'), { recursive: true });
    writeFileSync(join(directory, 'Include/Own/A.mqh'), 'int A() { return 1; }\n');
    writeFileSync(
      join(directory, 'P.mq5'),
      '#include <Own/A.mqh>\n/* int a[];\n   int b[]; */ int c[];\nvoid OnTick() {}\n',
    );
    const { code, files } = translate(join(directory, 'P.mq5'), join(directory, 'Include'));
    expect(files.map((file) => file.slice(directory.length))).toEqual([
      '/P.mq5',
      '/Include/Own/A.mqh',
    ]);
    const lines = code.split('\n');
    const at = (text: string): number => lines.findIndex((line) => line.includes(text));
    // The line after a `#line n` has number n.
    const marker = at(`#line 2 "${join(directory, 'P.mq5')}"`);
    expect(lines.slice(marker + 1, marker + 4)).toEqual([
      '',
      ' MqlArray<int> c;',
      'void OnTick() {}',
    ]);
    expect(code).toContain('handlers.tick = OnTick;');
    expect(code).not.toContain('handlers.timer');
  });

  it('is refused when a file that it includes is absent', () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'P.mq5'), '#include <Gone.mqh>\n');
    expect(() => translate(join(directory, 'P.mq5'), directory)).toThrow(PreprocessError);
  });
});
