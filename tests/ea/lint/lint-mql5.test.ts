import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { lintFiles, lintSource } from './lint-mql5.ts';
import { RULES } from './rules.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const filesBelow = (folder: string): readonly string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.mq[5h]$/.test(name))
    .map((name) => join(root, folder, name));

/** Inside of a function; S is a structure, F takes a reference, a and b are arrays. */
const body = (code: string): string =>
  `struct S { int x; };\nvoid F(int &n) { n=1; }\nvoid G(const string &s) { Print(s); }\nvoid OnStart()\n  {\n   int n=0; int a[]; int b[]; S s; string t="";\n${code}\n  }\n`;
const inside = (rule: string, code: string) => [rule, code, body(code)] as const;
const outside = (rule: string, code: string) => [rule, code, `${code}\n`] as const;

/** One line each that MetaEditor refuses, or reads otherwise than g++. */
const MUST_FAIL = [
  inside('arrow', 's->x=1;'),
  inside('nullptr', 'if(n==nullptr) return;'),
  inside('NULL', 't=NULL;'),
  inside('auto', 'auto c=n;'),
  inside('auto', 'decltype(n) c=n;'),
  inside('casts', 'n=static_cast<int>(1.5);'),
  inside('casts', 'n=reinterpret_cast<int>(n);'),
  inside('casts', 'n=const_cast<int>(n);'),
  outside('constexpr', 'constexpr int N=5;'),
  outside('using', 'using Number=int;'),
  outside('using', 'typedef int Number;'),
  outside('using', 'namespace bw { }'),
  inside('exceptions', 'try { n=1; } catch(...) { }'),
  inside('exceptions', 'throw 1;'),
  outside('exceptions', 'int H() noexcept { return(1); }'),
  inside('goto', 'goto done;'),
  inside('signedness', 'unsigned int c=1;'),
  inside('signedness', 'signed char c=1;'),
  inside('allocation', 'n=new int;'),
  inside('allocation', 'delete n;'),
  inside('this', 'this.x=1;'),
  outside('classes', 'class C { };'),
  outside('classes', 'template<typename T> T H(T v) { return(v); }'),
  outside('classes', 'union U { int i; float f; };'),
  outside('cpp keyword', 'inline int H() { return(1); }'),
  outside('cpp keyword', 'extern int n;'),
  outside('cpp keyword', 'static_assert(1==1,"x");'),
  inside('cpp keyword', 'volatile int c=1;'),
  inside('cpp keyword', 'wchar_t c=1;'),
  inside('alternative token', 'if(n==1 and n==2) return;'),
  inside('alternative token', 'if(not n) return;'),
  outside('main', 'int main() { return(0); }'),
  inside('scope', 'n=std::min(1,2);'),
  outside('ellipsis', '#define LOG(...) Print(__VA_ARGS__)'),
  inside('ellipsis', 'switch(n) { case 1 ... 5: break; }'),
  outside('attribute', '[[nodiscard]] int H() { return(1); }'),
  inside('lambda', 'n=[](int v) { return(v); }(1);'),
  inside('lambda', 'F([&]() { return(1); });'),
  inside('range for', 'for(int v : a) n=v;'),
  inside('elvis', 'n=n ?: 5;'),
  inside('initialiser in condition', 'if(int c=n; c>1) n=2;'),
  inside('brace initialiser', 'int c{5};'),
  inside('brace initialiser', 's=S{};'),
  inside('designated initialiser', 'S q={.x=1};'),
  inside('constructor initialiser', 'int c(5);'),
  inside('constructor initialiser', 'string c("x");'),
  outside('bit field', 'struct B { int x:3; };'),
  inside('token outside of MQL5', 'n=1; @'),
  inside('token outside of MQL5', 'int größe=1;'),
  inside('adjacent literals', 't="a" "b";'),
  inside('literal plus literal', 't="a"+"b"+t;'),
  inside('prefixed literal', 't=L"a";'),
  inside('prefixed literal', 't=R"(a)";'),
  inside('prefixed literal', "n=u'a';"),
  inside('escape', 't="\\u0041";'),
  inside('escape', 't="\\a";'),
  inside('several characters', "n='ab';"),
  inside('digit separator', "n=1'000;"),
  inside('number suffix', 'long c=5LL;'),
  inside('number suffix', 'ulong c=0xFFUL;'),
  inside('number suffix', 'uint c=5u;'),
  inside('octal or binary', 'n=010;'),
  inside('octal or binary', 'n=0b101;'),
  inside('bit 31', 'uint c=0x80000000;'),
  inside('bit 31', 'ulong c=0xFFFFFFFFFFFFFFFF;'),
  outside('directive', '#if 1'),
  outside('directive', '#pragma once'),
  outside('directive', '#import "user32.dll"'),
  outside('macro operator', '#define GLUE(a,b) a##b'),
  outside('macro operator', '#define TEXT(a) #a'),
  outside('macro over lines', '#define LONG(a) \\\n  Print(a)'),
  inside('long long', 'long long c=1;'),
  inside('long long', 'long double c=1;'),
  outside('enum class', 'enum class Color { RED };'),
  outside('enum class', 'enum Small : uchar { ONE };'),
  outside('forward structure', 'struct Later;'),
  outside('inheritance', 'struct A { int x; };\nstruct B : A { int y; };'),
  outside('member initialiser', 'struct A { int x=5; };'),
  inside('pointer', 'int *c;'),
  inside('pointer', 'S *c;'),
  inside('address', 'n=&n;'),
  inside('dereference', 'n=*n;'),
  outside('returned reference', 'int &H() { return(g); }'),
  inside('local reference', 'int &c=n;'),
  inside('local reference', 'const S &c=s;'),
  inside('several dimensions', 'int m[2][3];'),
  inside('arrays in one declaration', 'int c[],d[];'),
  inside('arrays in one declaration', 'int c=1,d[5];'),
  outside('array size', 'const int N=5;\nint table[N];'),
  inside('array size', 'int c[n];'),
  inside('structure in function', 'struct L { int x; };'),
  inside('array assignment', 'a=b;'),
  inside('name too long', `int ${'a'.repeat(64)}=1;`),
  inside('function pointer', 'void (*f)(int);'),
  outside('overload of a built-in', 'int StringLen(int n) { return(n); }'),
  outside('array by value', 'void H(int v[]) { Print(v[0]); }'),
  outside('structure by value', 'struct A { int x; };\nvoid H(A v) { Print(v.x); }'),
  outside('structure by value', 'void H(MqlTick tick) { Print(tick.bid); }'),
  outside('default of a reference', 'int g=0;\nvoid H(int &v=g) { v=1; }'),
  inside('temporary to a reference', 'F(5);'),
  inside('temporary to a reference', 'F(n+1);'),
  inside('temporary to a reference', 'G("text");'),
  inside('temporary to a reference', 'G(t+"x");'),
  inside('temporary to a reference', 'G(IntegerToString(5));'),
  inside('unknown name', 'n=strlen(t);'),
  inside('unknown name', 'printf("x");'),
  inside('unknown name', 'size_t c=1;'),
  inside('unknown name', 'uint32_t c=1;'),
  inside('unknown name', 'vector<int> c;'),
] as const;

const MUST_PASS = [
  'for(int i=0; i<ArraySize(a); i++) n+=a[i];',
  'n=(n>1) ? 2 : 3;',
  'while(n<5 && !IsStopped()) n++;',
  't="a"+IntegerToString(n)+"b";',
  'F(n); F(a[0]); F(s.x); F(a[n+1]);',
  'uint c=(uint)0x80000000; ulong d=(ulong)0xFFFFFFFFFFFFFFFF;',
  'n=(int)(n & b[0]); n=n*2; n=-n; n=n<<3;',
  "if(StringGetCharacter(t,0)=='a' || n=='\\n' || n=='\\'') n=1;",
  "datetime d=D'2024.03.04 10:00:00'; color c=C'1,2,3';",
  'switch(n) { case 1: n=2; break; default: n=3; }',
  'do { n--; } while(n>0);',
  'int c[5]={1,2,3,4,5}; const uint d[2]={1,2};',
  'MqlTradeRequest request; ZeroMemory(request); request.action=TRADE_ACTION_DEAL;',
  'ENUM_ORDER_TYPE type=(ENUM_ORDER_TYPE)n; n=type;',
  'ArrayCopy(a,b); ArrayResize(a,5);',
  'double d=1.5e-3; d=.5; d=0.5; n=0x7F;',
  'a[0]=b[0]; n=a[0]*b[1]; n=a[0] & b[1];',
  's.x=n; S q; q=s;',
] as const;

describe('the lint of MQL5', () => {
  it.each(MUST_FAIL)('refuses, as %s: %s', (rule, _, source) => {
    expect(lintSource('fixture.mq5', source).map((finding) => finding.rule)).toContain(rule);
  });

  it.each(MUST_PASS)('lets pass: %s', (code) => {
    expect(lintSource('fixture.mq5', body(code))).toEqual([]);
  });

  it('has a line that breaks each of its rules, and no other', () => {
    const broken = new Set(MUST_FAIL.map(([rule]) => rule));
    expect([...broken].sort()).toEqual(RULES.map(({ name }) => name).sort());
  });

  it('tells file and line', () => {
    const [finding] = lintSource(
      'Experts/X.mq5',
      '\n// a comment\nvoid OnStart()\n  {\n   goto x;\n  }\n',
    );
    expect(finding).toMatchObject({ file: 'Experts/X.mq5', line: 5, rule: 'goto' });
  });

  it('finds nothing in the Expert Advisor, its includes, its scripts and the test programs', () => {
    const files = [...filesBelow('mql5'), ...filesBelow('tests/ea/programs')];
    expect(files.length).toBeGreaterThan(30);
    expect(lintFiles(files, join(root, 'mql5/Include'))).toEqual([]);
  });
});
