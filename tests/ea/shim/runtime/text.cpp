#include "text.hpp"
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace mql5 {

std::string toUtf8(const string& text) {
  std::string out;
  const std::u16string& units = text.units();
  for (size_t at = 0; at < units.size(); at++) {
    uint code = units[at];
    if (code >= 0xD800 && code < 0xDC00 && at + 1 < units.size()) {
      const uint low = units[at + 1];
      if (low >= 0xDC00 && low < 0xE000) {
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        at++;
      }
    }
    if (code < 0x80) out += static_cast<char>(code);
    else if (code < 0x800) {
      out += static_cast<char>(0xC0 | (code >> 6));
      out += static_cast<char>(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
      out += static_cast<char>(0xE0 | (code >> 12));
      out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
      out += static_cast<char>(0x80 | (code & 0x3F));
    } else {
      out += static_cast<char>(0xF0 | (code >> 18));
      out += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
      out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
      out += static_cast<char>(0x80 | (code & 0x3F));
    }
  }
  return out;
}

// What is not UTF-8 becomes U+FFFD, as Windows' own conversion does.
string fromUtf8(const std::string& text) {
  std::u16string out;
  size_t at = 0;
  while (at < text.size()) {
    const uint first = static_cast<uchar>(text[at]);
    const int more = first < 0x80 ? 0 : first >= 0xC2 && first < 0xE0 ? 1 : first >= 0xE0 && first < 0xF0 ? 2 : first >= 0xF0 && first < 0xF5 ? 3 : -1;
    uint code = more == 0 ? first : more == 1 ? first & 0x1F : more == 2 ? first & 0x0F : first & 0x07;
    bool good = more >= 0 && at + static_cast<size_t>(more) < text.size();
    for (int step = 1; good && step <= more; step++) {
      const uint next = static_cast<uchar>(text[at + static_cast<size_t>(step)]);
      if ((next & 0xC0) != 0x80) good = false;
      else code = (code << 6) | (next & 0x3F);
    }
    if (good && ((more == 2 && code < 0x800) || (more == 3 && (code < 0x10000 || code > 0x10FFFF)) || (code >= 0xD800 && code < 0xE000))) good = false;
    if (!good) {
      out += static_cast<char16_t>(0xFFFD);
      at++;
      continue;
    }
    if (code >= 0x10000) {
      out += static_cast<char16_t>(0xD800 + ((code - 0x10000) >> 10));
      out += static_cast<char16_t>(0xDC00 + ((code - 0x10000) & 0x3FF));
    } else out += static_cast<char16_t>(code);
    at += static_cast<size_t>(more) + 1;
  }
  return string(out);
}

namespace {
// Code pages besides UTF-8 carry ASCII here: the dialect is ASCII, and what else comes is '?'.
std::string bytesOf(const string& text, uint codepage) {
  if (codepage == static_cast<uint>(CP_UTF8)) return toUtf8(text);
  std::string out;
  for (const char16_t unit : text.units()) out += unit < 0x80 ? static_cast<char>(unit) : '?';
  return out;
}
string textOf(const std::string& bytes, uint codepage) {
  if (codepage == static_cast<uint>(CP_UTF8)) return fromUtf8(bytes);
  std::u16string out;
  for (const char unit : bytes) out += static_cast<uchar>(unit) < 0x80 ? static_cast<char16_t>(unit) : u'?';
  return string(out);
}
bool isSpace(char16_t unit) { return unit == u' ' || unit == u'\t' || unit == u'\r' || unit == u'\n'; }
string ascii(const char* text) { return fromUtf8(text); }
}  // namespace

int StringLen(const string& text) { return static_cast<int>(text.units().size()); }
string StringSubstr(const string& text, int start, int length) {
  const int size = StringLen(text);
  if (start < 0 || start >= size) return string();
  return string(text.units().substr(static_cast<size_t>(start), length < 0 ? std::u16string::npos : static_cast<size_t>(length)));
}
int StringFind(const string& text, const string& wanted, int start) {
  if (start < 0 || start > StringLen(text)) return -1;
  const size_t found = text.units().find(wanted.units(), static_cast<size_t>(start));
  return found == std::u16string::npos ? -1 : static_cast<int>(found);
}
int StringReplace(string& text, const string& wanted, const string& replacement) {
  if (wanted.units().empty()) return -1;
  int count = 0;
  size_t at = 0;
  while ((at = text.units().find(wanted.units(), at)) != std::u16string::npos) {
    text.units().replace(at, wanted.units().size(), replacement.units());
    at += replacement.units().size();
    count++;
  }
  return count;
}
int StringSplit(const string& text, ushort separator, MqlArray<string>& parts) {
  parts.resize(0, 0);
  if (text.units().empty()) return 0;
  size_t from = 0;
  for (;;) {
    const size_t to = text.units().find(static_cast<char16_t>(separator), from);
    const int at = parts.size();
    parts.resize(at + 1, 8);
    parts[at] = string(text.units().substr(from, to == std::u16string::npos ? to : to - from));
    if (to == std::u16string::npos) return parts.size();
    from = to + 1;
  }
}
bool StringToLower(string& text) {
  for (char16_t& unit : text.units()) if (unit >= u'A' && unit <= u'Z') unit = static_cast<char16_t>(unit + 32);
  return true;
}
bool StringToUpper(string& text) {
  for (char16_t& unit : text.units()) if (unit >= u'a' && unit <= u'z') unit = static_cast<char16_t>(unit - 32);
  return true;
}
int StringTrimLeft(string& text) {
  size_t count = 0;
  while (count < text.units().size() && isSpace(text.units()[count])) count++;
  text.units().erase(0, count);
  return static_cast<int>(count);
}
int StringTrimRight(string& text) {
  int count = 0;
  while (!text.units().empty() && isSpace(text.units().back())) { text.units().pop_back(); count++; }
  return count;
}
ushort StringGetCharacter(const string& text, int position) {
  if (position < 0 || position >= StringLen(text)) return 0;
  return static_cast<ushort>(text.units()[static_cast<size_t>(position)]);
}
bool StringSetCharacter(string& text, int position, ushort unit) {
  const int size = StringLen(text);
  if (position < 0 || position > size) return false;
  // The terminating zero ends the text there; a character at the end lengthens it.
  if (unit == 0) text.units().resize(static_cast<size_t>(position));
  else if (position == size) text.units() += static_cast<char16_t>(unit);
  else text.units()[static_cast<size_t>(position)] = static_cast<char16_t>(unit);
  return true;
}
int StringCompare(const string& a, const string& b, bool caseSensitive) {
  string left = a, right = b;
  if (!caseSensitive) { StringToLower(left); StringToLower(right); }
  return left < right ? -1 : left > right ? 1 : 0;
}
bool StringAdd(string& text, const string& added) { text += added; return true; }
bool StringReserve(string& text, uint capacity) { text.units().reserve(capacity); return true; }
bool StringInit(string& text, int length, ushort unit) {
  text.units().assign(unit == 0 ? 0 : static_cast<size_t>(length), static_cast<char16_t>(unit));
  return true;
}
string CharToString(uchar code) { return code == 0 ? string() : textOf(std::string(1, static_cast<char>(code)), CP_ACP); }
string ShortToString(ushort unit) { return unit == 0 ? string() : string(std::u16string(1, static_cast<char16_t>(unit))); }
string IntegerToString(long value, int length, ushort fill) {
  std::string text = std::to_string(value);
  std::u16string out;
  for (int at = static_cast<int>(text.size()); at < length; at++) out += static_cast<char16_t>(fill);
  return string(out + ascii(text.c_str()).units());
}
string DoubleToString(double value, int digits) {
  char text[400];
  if (digits < 0) std::snprintf(text, sizeof text, "%.*e", -digits, value);
  else std::snprintf(text, sizeof text, "%.*f", digits > 16 ? 16 : digits, value);
  return ascii(text);
}
long StringToInteger(const string& text) { return std::strtol(toUtf8(text).c_str(), nullptr, 10); }
double StringToDouble(const string& text) { return std::strtod(toUtf8(text).c_str(), nullptr); }

int StringToCharArray(const string& text, MqlArray<uchar>& array, int start, int count, uint codepage) {
  if (start < 0) return 0;
  std::string bytes = bytesOf(text, codepage);
  bytes += '\0';
  int wanted = static_cast<int>(bytes.size());
  if (count >= 0 && count < wanted) wanted = count;
  if (start + wanted > array.size()) {
    if (array.fixed()) wanted = std::max(0, array.size() - start);
    else array.resize(start + wanted, 0);
  }
  for (int at = 0; at < wanted; at++) array[start + at] = static_cast<uchar>(bytes[static_cast<size_t>(at)]);
  return wanted;
}
string CharArrayToString(const MqlArray<uchar>& array, int start, int count, uint codepage) {
  std::string bytes;
  for (int at = start; at >= 0 && at < array.size() && (count < 0 || at < start + count); at++) {
    if (array[at] == 0) break;
    bytes += static_cast<char>(array[at]);
  }
  return textOf(bytes, codepage);
}
int StringToShortArray(const string& text, MqlArray<ushort>& array, int start, int count) {
  if (start < 0) return 0;
  int wanted = StringLen(text) + 1;
  if (count >= 0 && count < wanted) wanted = count;
  if (start + wanted > array.size()) {
    if (array.fixed()) wanted = std::max(0, array.size() - start);
    else array.resize(start + wanted, 0);
  }
  for (int at = 0; at < wanted; at++)
    array[start + at] = at < StringLen(text) ? static_cast<ushort>(text.units()[static_cast<size_t>(at)]) : 0;
  return wanted;
}
string ShortArrayToString(const MqlArray<ushort>& array, int start, int count) {
  std::u16string out;
  for (int at = start; at >= 0 && at < array.size() && (count < 0 || at < start + count); at++) {
    if (array[at] == 0) break;
    out += static_cast<char16_t>(array[at]);
  }
  return string(out);
}

// ---- time ---------------------------------------------------------------------------------------
namespace {
// Days of the civil calendar since 1970-01-01 (Howard Hinnant, "chrono-Compatible Low-Level Date
// Algorithms").
long daysFromCivil(long year, int month, int day) {
  year -= month <= 2;
  const long era = (year >= 0 ? year : year - 399) / 400;
  const long yoe = year - era * 400;
  const long doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const long doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
  return era * 146097 + doe - 719468;
}
}  // namespace

bool TimeToStruct(datetime value, MqlDateTime& parts) {
  if (value < 0) return false;
  const long days = value / 86400;
  const long seconds = value % 86400;
  const long shifted = days + 719468;
  const long era = shifted / 146097;
  const long doe = shifted - era * 146097;
  const long yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  const long doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  const long mp = (5 * doy + 2) / 153;
  parts.day = static_cast<int>(doy - (153 * mp + 2) / 5 + 1);
  parts.mon = static_cast<int>(mp < 10 ? mp + 3 : mp - 9);
  parts.year = static_cast<int>(yoe + era * 400 + (parts.mon <= 2 ? 1 : 0));
  parts.hour = static_cast<int>(seconds / 3600);
  parts.min = static_cast<int>(seconds / 60 % 60);
  parts.sec = static_cast<int>(seconds % 60);
  parts.day_of_week = static_cast<int>((days + 4) % 7);
  parts.day_of_year = static_cast<int>(days - daysFromCivil(parts.year, 1, 1));
  return true;
}
datetime StructToTime(const MqlDateTime& parts) {
  return daysFromCivil(parts.year, parts.mon, parts.day) * 86400 + parts.hour * 3600 + parts.min * 60 + parts.sec;
}
string TimeToString(datetime value, int mode) {
  MqlDateTime parts;
  if (!TimeToStruct(value, parts)) return string();
  char date[32] = "", time[32] = "";
  if (mode & TIME_DATE) std::snprintf(date, sizeof date, "%04d.%02d.%02d", parts.year, parts.mon, parts.day);
  if (mode & TIME_SECONDS) std::snprintf(time, sizeof time, "%02d:%02d:%02d", parts.hour, parts.min, parts.sec);
  else if (mode & TIME_MINUTES) std::snprintf(time, sizeof time, "%02d:%02d", parts.hour, parts.min);
  const bool both = date[0] != 0 && time[0] != 0;
  return ascii((std::string(date) + (both ? " " : "") + time).c_str());
}
datetime StringToTime(const string& text) {
  MqlDateTime parts{1970, 1, 1, 0, 0, 0, 0, 0};
  std::sscanf(toUtf8(text).c_str(), "%d.%d.%d %d:%d:%d", &parts.year, &parts.mon, &parts.day, &parts.hour, &parts.min, &parts.sec);
  return StructToTime(parts);
}
double NormalizeDouble(double value, int digits) {
  const double scale = std::pow(10.0, digits < 0 ? 0 : digits > 8 ? 8 : digits);
  return std::round(value * scale) / scale;
}

// ---- formats: %[flags][width][.precision][I64|I32|h|l|ll]conversion -----------------------------
namespace {
std::string formatOne(const std::string& spec, char conversion, const FormatArgument& argument) {
  char text[512];
  const bool isText = argument.kind == FormatArgument::text;
  const bool wide = spec.find("I64") != std::string::npos || spec.find('l') != std::string::npos;
  std::string plain;
  for (size_t at = 0; at < spec.size(); at++) {
    if (spec.compare(at, 3, "I64") == 0 || spec.compare(at, 3, "I32") == 0) { at += 2; continue; }
    if (spec[at] == 'l' || spec[at] == 'h') continue;
    plain += spec[at];
  }
  switch (conversion) {
    case 's':
      if (!isText) critical("StringFormat: %s wants a string");
      std::snprintf(text, sizeof text, (plain + "s").c_str(), toUtf8(argument.words).c_str());
      if (plain == "%") return toUtf8(argument.words);
      return text;
    case 'd': case 'i':
      if (isText || argument.kind == FormatArgument::real) critical("StringFormat: %d wants a whole number");
      // Without I64 only the lower 32 bits are shown, as in the terminal.
      std::snprintf(text, sizeof text, (plain + "ld").c_str(), wide ? argument.whole : static_cast<long>(static_cast<int>(argument.whole)));
      return text;
    case 'u': case 'x': case 'X': case 'o':
      if (isText || argument.kind == FormatArgument::real) critical("StringFormat: %u and %x want a whole number");
      std::snprintf(text, sizeof text, (plain + "l" + conversion).c_str(), wide ? argument.natural : static_cast<ulong>(static_cast<uint>(argument.natural)));
      return text;
    case 'c': case 'C':
      return toUtf8(ShortToString(static_cast<ushort>(argument.natural)));
    case 'f': case 'F': case 'e': case 'E': case 'g': case 'G':
      if (argument.kind != FormatArgument::real) critical("StringFormat: %f wants a double");
      std::snprintf(text, sizeof text, (plain + conversion).c_str(), argument.number);
      return text;
    default:
      critical("StringFormat: an unknown conversion");
  }
}
}  // namespace

string formatText(const string& format, std::initializer_list<FormatArgument> arguments) {
  const std::string pattern = toUtf8(format);
  std::string out;
  const FormatArgument* next = arguments.begin();
  for (size_t at = 0; at < pattern.size(); at++) {
    if (pattern[at] != '%') { out += pattern[at]; continue; }
    if (at + 1 < pattern.size() && pattern[at + 1] == '%') { out += '%'; at++; continue; }
    size_t end = at + 1;
    while (end < pattern.size() && std::string("-+ #0123456789.lhI").find(pattern[end]) != std::string::npos) end++;
    if (end >= pattern.size()) critical("StringFormat: the format ends in the middle of a conversion");
    if (next == arguments.end()) critical("StringFormat: an argument is missing");
    out += formatOne(pattern.substr(at, end - at), pattern[end], *next++);
    at = end;
  }
  if (next != arguments.end()) critical("StringFormat: there are more arguments than conversions");
  return fromUtf8(out);
}

string plainText(const FormatArgument& argument) {
  char text[64];
  switch (argument.kind) {
    case FormatArgument::text: return argument.words;
    case FormatArgument::signedNumber: return ascii(std::to_string(argument.whole).c_str());
    case FormatArgument::unsignedNumber: return ascii(std::to_string(argument.natural).c_str());
    default: std::snprintf(text, sizeof text, "%.16g", argument.number); return ascii(text);
  }
}

}  // namespace mql5
