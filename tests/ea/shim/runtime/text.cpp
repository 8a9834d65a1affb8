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
string IntegerToString(long value, int length, ushort fill) {
  std::string text = std::to_string(value);
  std::u16string out;
  for (int at = static_cast<int>(text.size()); at < length; at++) out += static_cast<char16_t>(fill);
  return string(out + ascii(text.c_str()).units());
}
long StringToInteger(const string& text) { return std::strtol(toUtf8(text).c_str(), nullptr, 10); }

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
