#include "host.hpp"
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <sys/time.h>
#include <unistd.h>

namespace mql5 {

string _Symbol;
ENUM_TIMEFRAMES _Period = PERIOD_M1;
int _Digits = 5;
double _Point = 0.00001;
int _LastError = 0;
bool _StopFlag = false;
int _UninitReason = 0;

namespace {

std::map<std::string, Answer> remembered;
std::string unread;
long events = 0;

int hostFd() {
  static const int fd = [] {
    const char* text = std::getenv("MQL_HOST_FD");
    return text == nullptr ? -1 : std::atoi(text);
  }();
  return fd;
}

std::string escaped(const std::string& text) {
  std::string out;
  for (const char unit : text) {
    if (unit == '\\') out += "\\\\";
    else if (unit == '\t') out += "\\t";
    else if (unit == '\n') out += "\\n";
    else if (unit == '\r') out += "\\r";
    else if (unit == '\x1e') out += "\\e";
    else out += unit;
  }
  return out;
}

std::string unescaped(const std::string& text) {
  std::string out;
  for (size_t at = 0; at < text.size(); at++) {
    if (text[at] != '\\' || at + 1 >= text.size()) { out += text[at]; continue; }
    const char code = text[++at];
    out += code == 't' ? '\t' : code == 'n' ? '\n' : code == 'r' ? '\r' : code == 'e' ? '\x1e' : code;
  }
  return out;
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  size_t from = 0;
  for (;;) {
    const size_t to = text.find(separator, from);
    parts.push_back(text.substr(from, to == std::string::npos ? to : to - from));
    if (to == std::string::npos) return parts;
    from = to + 1;
  }
}

void writeAll(const std::string& text) {
  size_t at = 0;
  while (at < text.size()) {
    const ssize_t written = ::write(hostFd(), text.data() + at, text.size() - at);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) std::_Exit(3);
    at += static_cast<size_t>(written);
  }
}

// The terminal's side is gone: so is the terminal, and with it the program.
std::string readLine() {
  for (;;) {
    const size_t end = unread.find('\n');
    if (end != std::string::npos) {
      std::string line = unread.substr(0, end);
      unread.erase(0, end + 1);
      return line;
    }
    char chunk[65536];
    const ssize_t count = ::read(hostFd(), chunk, sizeof chunk);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) std::_Exit(3);
    unread.append(chunk, static_cast<size_t>(count));
  }
}

Answer parse(const std::string& line) {
  Answer answer;
  const std::vector<std::string> parts = split(line, '\x1e');
  answer.ok = parts[0] == "ok";
  for (size_t at = 1; at < parts.size(); at++) {
    Row row;
    for (const std::string& field : split(parts[at], '\t')) {
      const size_t equals = field.find('=');
      if (equals == std::string::npos) continue;
      row.fields[field.substr(0, equals)] = unescaped(field.substr(equals + 1));
    }
    answer.rows.push_back(row);
  }
  if (!answer.ok) answer.error = answer.rows.empty() ? ERR_INTERNAL_ERROR : static_cast<int>(answer.rows[0].whole("ERROR"));
  return answer;
}

}  // namespace

void critical(const char* reason) {
  std::fprintf(stderr, "critical error: %s\n", reason);
  std::fflush(stderr);
  std::abort();
}

const std::string& Row::text(const std::string& name) const {
  static const std::string nothing;
  const auto found = fields.find(name);
  return found == fields.end() ? nothing : found->second;
}
long Row::whole(const std::string& name) const { return std::strtol(text(name).c_str(), nullptr, 10); }
ulong Row::natural(const std::string& name) const { return std::strtoul(text(name).c_str(), nullptr, 10); }
double Row::real(const std::string& name) const { return std::strtod(text(name).c_str(), nullptr); }
const Row& Answer::only() const {
  static const Row nothing;
  return rows.empty() ? nothing : rows[0];
}

bool hasHost() { return hostFd() >= 0; }
long eventNumber() { return events; }
void setError(int code) { _LastError = code; }
void forgetAnswers() { remembered.clear(); }
std::string numberText(double value) {
  char text[64];
  std::snprintf(text, sizeof text, "%.17g", value);
  return text;
}

const Answer& ask(const std::vector<std::string>& request) {
  static Answer answer;
  if (!hasHost()) critical("this function needs the terminal's side of the harness");
  std::string line;
  for (const std::string& word : request) {
    if (!line.empty()) line += '\t';
    line += escaped(word);
  }
  writeAll(line + "\n");
  answer = parse(readLine());
  if (!answer.ok) setError(answer.error);
  return answer;
}

const Answer& askOnce(const std::vector<std::string>& request) {
  std::string key;
  for (const std::string& word : request) key += word + '\t';
  const auto found = remembered.find(key);
  if (found != remembered.end()) {
    if (!found->second.ok) setError(found->second.error);
    return found->second;
  }
  return remembered[key] = ask(request);
}

// ---- inputs: lines of `name=value` in MQL_INPUTS ------------------------------------------------
namespace {
const char* inputText(const char* name) {
  static std::map<std::string, std::string> inputs;
  static bool loaded = false;
  if (!loaded) {
    loaded = true;
    const char* all = std::getenv("MQL_INPUTS");
    if (all != nullptr)
      for (const std::string& line : split(all, '\n')) {
        const size_t equals = line.find('=');
        if (equals != std::string::npos) inputs[line.substr(0, equals)] = line.substr(equals + 1);
      }
  }
  const auto found = inputs.find(name);
  return found == inputs.end() ? nullptr : found->second.c_str();
}
}  // namespace
template <> bool inputValue(const char* name, bool fallback) {
  const char* text = inputText(name);
  return text == nullptr ? fallback : std::strcmp(text, "true") == 0 || std::strcmp(text, "1") == 0;
}
template <> int inputValue(const char* name, int fallback) {
  const char* text = inputText(name);
  return text == nullptr ? fallback : std::atoi(text);
}
template <> uint inputValue(const char* name, uint fallback) {
  const char* text = inputText(name);
  return text == nullptr ? fallback : static_cast<uint>(std::strtoul(text, nullptr, 10));
}
template <> long inputValue(const char* name, long fallback) {
  const char* text = inputText(name);
  return text == nullptr ? fallback : std::strtol(text, nullptr, 10);
}
template <> ulong inputValue(const char* name, ulong fallback) {
  const char* text = inputText(name);
  return text == nullptr ? fallback : std::strtoul(text, nullptr, 10);
}
template <> double inputValue(const char* name, double fallback) {
  const char* text = inputText(name);
  return text == nullptr ? fallback : std::strtod(text, nullptr);
}
template <> string inputValue(const char* name, string fallback) {
  const char* text = inputText(name);
  return text == nullptr ? fallback : fromUtf8(text);
}

// ---- the event loop -----------------------------------------------------------------------------
namespace {

MqlTradeTransaction transactionOf(const Row& row) {
  MqlTradeTransaction it;
  it.type = static_cast<ENUM_TRADE_TRANSACTION_TYPE>(row.whole("type"));
  it.deal = row.natural("deal");
  it.order = row.natural("order");
  it.symbol = row.words("symbol");
  it.order_type = static_cast<ENUM_ORDER_TYPE>(row.whole("order_type"));
  it.order_state = static_cast<ENUM_ORDER_STATE>(row.whole("order_state"));
  it.deal_type = static_cast<ENUM_DEAL_TYPE>(row.whole("deal_type"));
  it.price = row.real("price");
  it.price_sl = row.real("price_sl");
  it.price_tp = row.real("price_tp");
  it.volume = row.real("volume");
  it.position = row.natural("position");
  return it;
}

// MetaTrader ends a program whose OnDeinit is not over after 2.5 seconds.
constexpr itimerval DEINIT_TIME = {{0, 0}, {2, 500000}};
constexpr itimerval NO_TIME = {{0, 0}, {0, 0}};

void onDeinitLate(int) {
  static const char words[] = "critical error: OnDeinit took more than 2.5 seconds\n";
  const auto written = write(STDERR_FILENO, words, sizeof(words) - 1);
  _exit(written > 0 ? 2 : 3);
}

void deinitInTime(const Handlers& handlers) {
  std::signal(SIGALRM, onDeinitLate);
  setitimer(ITIMER_REAL, &DEINIT_TIME, nullptr);
  handlers.deinit(_UninitReason);
  setitimer(ITIMER_REAL, &NO_TIME, nullptr);
}

}  // namespace

int runProgram(const Handlers& handlers) {
  if (!hasHost()) {
    if (handlers.start != nullptr) handlers.start();
    std::fflush(stdout);
    return 0;
  }
  std::string outcome;
  for (;;) {
    const Answer answer = ask({"next", outcome});
    const Row& event = answer.only();
    const std::string& kind = event.text("EVENT");
    outcome.clear();
    forgetAnswers();
    events++;
    _Symbol = event.words("SYMBOL");
    _Period = static_cast<ENUM_TIMEFRAMES>(event.whole("PERIOD"));
    _Digits = static_cast<int>(event.whole("DIGITS"));
    _Point = event.real("POINT");
    if (kind == "exit") return 0;
    if (kind == "init") {
      _StopFlag = false;
      outcome = std::to_string(handlers.init == nullptr ? 0 : handlers.init());
    } else if (kind == "deinit") {
      _StopFlag = true;
      _UninitReason = static_cast<int>(event.whole("REASON"));
      if (handlers.deinit != nullptr) deinitInTime(handlers);
    } else if (kind == "timer" && handlers.timer != nullptr) {
      handlers.timer();
    } else if (kind == "tick" && handlers.tick != nullptr) {
      handlers.tick();
    } else if (kind == "transaction" && handlers.transaction != nullptr) {
      handlers.transaction(transactionOf(event), MqlTradeRequest(), MqlTradeResult());
    } else if (kind == "start" && handlers.start != nullptr) {
      handlers.start();
    }
  }
}

// ---- clocks and events --------------------------------------------------------------------------
int GetLastError() { return _LastError; }
void ResetLastError() { _LastError = 0; }
bool IsStopped() { return _StopFlag; }
long ChartID() { return 1; }

static datetime clockOf(const char* name) {
  if (!hasHost()) return static_cast<datetime>(std::time(nullptr));
  return ask({"clock"}).only().whole(name);
}
datetime TimeCurrent() { return clockOf("CURRENT"); }
datetime TimeTradeServer() { return clockOf("SERVER"); }
datetime TimeGMT() { return clockOf("GMT"); }

static ulong monotonicMicroseconds() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<ulong>(now.tv_sec) * 1000000UL + static_cast<ulong>(now.tv_nsec) / 1000UL;
}
ulong GetTickCount64() {
  if (!hasHost()) return monotonicMicroseconds() / 1000UL;
  return ask({"clock"}).only().natural("TICKCOUNT");
}
ulong GetMicrosecondCount() {
  static const ulong began = monotonicMicroseconds();
  return monotonicMicroseconds() - began;
}
void Sleep(int milliseconds) {
  if (milliseconds > 0) ::usleep(static_cast<useconds_t>(milliseconds) * 1000U);
  forgetAnswers();
}
bool EventSetMillisecondTimer(int milliseconds) {
  return milliseconds > 0 && ask({"timer", std::to_string(milliseconds)}).ok;
}
void EventKillTimer() { ask({"timer", "0"}); }

static uint randomState = 1;
void MathSrand(int seed) { randomState = static_cast<uint>(seed); }
int MathRand() {
  randomState = randomState * 214013U + 2531011U;
  return static_cast<int>((randomState >> 16) & 32767U);
}

void printLine(const char* channel, std::initializer_list<FormatArgument> arguments) {
  string text;
  for (const FormatArgument& argument : arguments) text += plainText(argument);
  if (hasHost()) ask({"say", channel, toUtf8(text)});
  else std::printf("%s\n", toUtf8(text).c_str());
}
bool SendNotification(const string& text) { return ask({"notify", toUtf8(text)}).ok; }

// ---- global variables of the terminal -----------------------------------------------------------
bool GlobalVariableCheck(const string& name) { return ask({"gv.get", toUtf8(name)}).ok; }
double GlobalVariableGet(const string& name) { return ask({"gv.get", toUtf8(name)}).only().real("VALUE"); }
datetime GlobalVariableSet(const string& name, double value) {
  return ask({"gv.set", toUtf8(name), numberText(value)}).only().whole("TIME");
}
bool GlobalVariableSetOnCondition(const string& name, double value, double expected) {
  return ask({"gv.swap", toUtf8(name), numberText(value), numberText(expected)}).ok;
}
bool GlobalVariableTemp(const string& name) { return ask({"gv.temp", toUtf8(name)}).ok; }
bool GlobalVariableDel(const string& name) { return ask({"gv.del", toUtf8(name)}).ok; }

}  // namespace mql5
