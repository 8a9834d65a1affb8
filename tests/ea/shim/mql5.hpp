// What every translated program begins with.
#pragma once
#include "services.hpp"
#include "trading.hpp"

namespace mql5 {
extern string _Symbol;
extern ENUM_TIMEFRAMES _Period;
extern int _Digits;
extern double _Point;
extern int _LastError;
extern bool _StopFlag;
extern int _UninitReason;

/// The program's event handlers; those that it does not define are null.
struct Handlers {
  int (*init)() = nullptr;
  void (*deinit)(int reason) = nullptr;
  void (*tick)() = nullptr;
  void (*timer)() = nullptr;
  void (*transaction)(const MqlTradeTransaction&, const MqlTradeRequest&, const MqlTradeResult&) = nullptr;
  void (*start)() = nullptr;
};
int runProgram(const Handlers& handlers);
}  // namespace mql5
