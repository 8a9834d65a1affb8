// Strings, arrays, numbers and time as documented for MQL5. No I/O here.
#pragma once
#include <algorithm>
#include <cmath>
#include "core.hpp"

// C's macros of the same names would hide MQL5's constants.
#undef INT_MAX
#undef INT_MIN
#undef UINT_MAX
#undef LONG_MAX
#undef LONG_MIN
#undef ULONG_MAX
#undef DBL_MAX
#undef DBL_EPSILON

namespace mql5 {

const int WHOLE_ARRAY = -1;
const int CP_ACP = 0;
const int CP_UTF8 = 65001;
const int INT_MAX = 2147483647;
const int INT_MIN = -2147483647 - 1;
const uint UINT_MAX = 4294967295U;
const long LONG_MAX = 9223372036854775807L;
const long LONG_MIN = -9223372036854775807L - 1;
const ulong ULONG_MAX = 18446744073709551615UL;
const double DBL_MAX = 1.7976931348623158e+308;
const double DBL_EPSILON = 2.2204460492503131e-16;
const double EMPTY_VALUE = 1.7976931348623158e+308;
const int INVALID_HANDLE = -1;

int StringLen(const string& text);
string StringSubstr(const string& text, int start, int length = -1);
int StringFind(const string& text, const string& wanted, int start = 0);
int StringSplit(const string& text, ushort separator, MqlArray<string>& parts);
int StringTrimLeft(string& text);
int StringTrimRight(string& text);
ushort StringGetCharacter(const string& text, int position);
string IntegerToString(long value, int length = 0, ushort fill = ' ');
long StringToInteger(const string& text);
int StringToCharArray(const string& text, MqlArray<uchar>& array, int start = 0, int count = -1,
                      uint codepage = CP_ACP);
string CharArrayToString(const MqlArray<uchar>& array, int start = 0, int count = -1,
                         uint codepage = CP_ACP);

double NormalizeDouble(double value, int digits);

/// One argument of a format: a whole number, a real one or a text.
struct FormatArgument {
  enum Kind { signedNumber, unsignedNumber, real, text } kind;
  long whole = 0;
  ulong natural = 0;
  double number = 0;
  string words;
  template <typename T, typename = std::enable_if_t<std::is_integral<T>::value || std::is_enum<T>::value>>
  FormatArgument(T value)
      : kind(std::is_unsigned<T>::value ? unsignedNumber : signedNumber),
        whole(static_cast<long>(value)),
        natural(static_cast<ulong>(value)) {}
  FormatArgument(double value) : kind(real), number(value) {}
  FormatArgument(const string& value) : kind(text), words(value) {}
};
string formatText(const string& format, std::initializer_list<FormatArgument> arguments);
/// What Print, Alert and Comment make of one argument.
string plainText(const FormatArgument& argument);

template <typename... A> string StringFormat(const string& format, const A&... arguments) {
  return formatText(format, {FormatArgument(arguments)...});
}

template <typename T> int ArraySize(const MqlArray<T>& array) { return array.size(); }
template <typename T> int ArrayResize(MqlArray<T>& array, int size, int reserve = 0) {
  return array.resize(size, reserve);
}
template <typename T> void ArrayFree(MqlArray<T>& array) { array.release(); }
template <typename T, typename V> int ArrayInitialize(MqlArray<T>& array, V value) {
  for (int at = 0; at < array.size(); at++) array[at] = static_cast<T>(value);
  return array.size();
}
/// Copies `count` elements; a dynamic target grows, a fixed one takes what fits. Returns how many.
template <typename T, typename S>
int ArrayCopy(MqlArray<T>& target, const MqlArray<S>& source, int targetStart = 0, int sourceStart = 0,
              int count = WHOLE_ARRAY) {
  if (targetStart < 0 || sourceStart < 0 || sourceStart > source.size()) return 0;
  int wanted = source.size() - sourceStart;
  if (count >= 0 && count < wanted) wanted = count;
  if (targetStart + wanted > target.size()) {
    if (target.fixed()) wanted = std::max(0, target.size() - targetStart);
    else target.resize(targetStart + wanted, 0);
  }
  const bool same = static_cast<const void*>(&target) == static_cast<const void*>(&source);
  if (same && targetStart > sourceStart)
    for (int at = wanted - 1; at >= 0; at--) target[targetStart + at] = static_cast<T>(source[sourceStart + at]);
  else
    for (int at = 0; at < wanted; at++) target[targetStart + at] = static_cast<T>(source[sourceStart + at]);
  return wanted;
}
template <typename T> bool ArraySort(MqlArray<T>& array) {
  std::sort(array.data(), array.data() + array.size());
  return true;
}
template <typename T> void ZeroMemory(T& value) { value = T(); }
template <typename T> void ZeroMemory(MqlArray<T>& array) {
  for (int at = 0; at < array.size(); at++) array[at] = T();
}

inline double MathRound(double value) { return std::round(value); }
inline bool MathIsValidNumber(double value) { return std::isfinite(value); }

}  // namespace mql5
