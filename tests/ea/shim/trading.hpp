// Account, symbols, quotes, orders, positions, history: what the terminal knows. Everything here is
// asked of the terminal's side of the harness, a TypeScript process with the matching engine.
#pragma once
#include "enums.hpp"
#include "text.hpp"

namespace mql5 {

struct MqlTick {
  datetime time = 0;
  double bid = 0;
  double ask = 0;
  double last = 0;
  ulong volume = 0;
  long time_msc = 0;
  uint flags = 0;
  double volume_real = 0;
};
struct MqlRates {
  datetime time = 0;
  double open = 0;
  double high = 0;
  double low = 0;
  double close = 0;
  long tick_volume = 0;
  int spread = 0;
  long real_volume = 0;
};
struct MqlTradeRequest {
  ENUM_TRADE_REQUEST_ACTIONS action = static_cast<ENUM_TRADE_REQUEST_ACTIONS>(0);
  ulong magic = 0;
  ulong order = 0;
  string symbol;
  double volume = 0;
  double price = 0;
  double stoplimit = 0;
  double sl = 0;
  double tp = 0;
  ulong deviation = 0;
  ENUM_ORDER_TYPE type = ORDER_TYPE_BUY;
  ENUM_ORDER_TYPE_FILLING type_filling = ORDER_FILLING_FOK;
  ENUM_ORDER_TYPE_TIME type_time = ORDER_TIME_GTC;
  datetime expiration = 0;
  string comment;
  ulong position = 0;
  ulong position_by = 0;
};
struct MqlTradeResult {
  uint retcode = 0;
  ulong deal = 0;
  ulong order = 0;
  double volume = 0;
  double price = 0;
  double bid = 0;
  double ask = 0;
  string comment;
  uint request_id = 0;
  int retcode_external = 0;
};
struct MqlTradeCheckResult {
  uint retcode = 0;
  double balance = 0;
  double equity = 0;
  double profit = 0;
  double margin = 0;
  double margin_free = 0;
  double margin_level = 0;
  string comment;
};
struct MqlTradeTransaction {
  ulong deal = 0;
  ulong order = 0;
  string symbol;
  ENUM_TRADE_TRANSACTION_TYPE type = TRADE_TRANSACTION_ORDER_ADD;
  ENUM_ORDER_TYPE order_type = ORDER_TYPE_BUY;
  ENUM_ORDER_STATE order_state = ORDER_STATE_STARTED;
  ENUM_DEAL_TYPE deal_type = DEAL_TYPE_BUY;
  ENUM_ORDER_TYPE_TIME time_type = ORDER_TIME_GTC;
  datetime time_expiration = 0;
  double price = 0;
  double price_trigger = 0;
  double price_sl = 0;
  double price_tp = 0;
  double volume = 0;
  ulong position = 0;
  ulong position_by = 0;
};

long AccountInfoInteger(ENUM_ACCOUNT_INFO_INTEGER property);
double AccountInfoDouble(ENUM_ACCOUNT_INFO_DOUBLE property);
string AccountInfoString(ENUM_ACCOUNT_INFO_STRING property);
int TerminalInfoInteger(ENUM_TERMINAL_INFO_INTEGER property);
string TerminalInfoString(ENUM_TERMINAL_INFO_STRING property);
int MQLInfoInteger(ENUM_MQL_INFO_INTEGER property);

int SymbolsTotal(bool selected);
string SymbolName(int position, bool selected);
bool SymbolSelect(const string& symbol, bool select);
bool SymbolExist(const string& symbol, bool& isCustom);
bool SymbolIsSynchronized(const string& symbol);
long SymbolInfoInteger(const string& symbol, ENUM_SYMBOL_INFO_INTEGER property);
double SymbolInfoDouble(const string& symbol, ENUM_SYMBOL_INFO_DOUBLE property);
string SymbolInfoString(const string& symbol, ENUM_SYMBOL_INFO_STRING property);
bool SymbolInfoTick(const string& symbol, MqlTick& tick);
/// Session number `index` of a weekday; `from` and `to` are seconds of the day, `to` may be 86400.
bool SymbolInfoSessionTrade(const string& symbol, ENUM_DAY_OF_WEEK day, uint index, datetime& from, datetime& to);

int PositionsTotal();
ulong PositionGetTicket(int index);
bool PositionSelectByTicket(ulong ticket);
long PositionGetInteger(ENUM_POSITION_PROPERTY_INTEGER property);
double PositionGetDouble(ENUM_POSITION_PROPERTY_DOUBLE property);
string PositionGetString(ENUM_POSITION_PROPERTY_STRING property);
int OrdersTotal();
ulong OrderGetTicket(int index);
bool OrderSelect(ulong ticket);
long OrderGetInteger(ENUM_ORDER_PROPERTY_INTEGER property);
double OrderGetDouble(ENUM_ORDER_PROPERTY_DOUBLE property);
string OrderGetString(ENUM_ORDER_PROPERTY_STRING property);

/// Selects the history of [from, to] in server time, whole seconds.
bool HistorySelect(datetime from, datetime to);
int HistoryDealsTotal();
int HistoryOrdersTotal();
ulong HistoryDealGetTicket(int index);
ulong HistoryOrderGetTicket(int index);
bool HistoryDealSelect(ulong ticket);
bool HistoryOrderSelect(ulong ticket);
long HistoryDealGetInteger(ulong ticket, ENUM_DEAL_PROPERTY_INTEGER property);
double HistoryDealGetDouble(ulong ticket, ENUM_DEAL_PROPERTY_DOUBLE property);
string HistoryDealGetString(ulong ticket, ENUM_DEAL_PROPERTY_STRING property);
long HistoryOrderGetInteger(ulong ticket, ENUM_ORDER_PROPERTY_INTEGER property);
double HistoryOrderGetDouble(ulong ticket, ENUM_ORDER_PROPERTY_DOUBLE property);
string HistoryOrderGetString(ulong ticket, ENUM_ORDER_PROPERTY_STRING property);

/// True means that the server took the request; what became of it is the result's retcode.
bool OrderSend(const MqlTradeRequest& request, MqlTradeResult& result);
bool OrderCheck(const MqlTradeRequest& request, MqlTradeCheckResult& result);

const uint COPY_TICKS_INFO = 1;
const uint COPY_TICKS_TRADE = 2;
const uint COPY_TICKS_ALL = 4294967295U;
const uint TICK_FLAG_BID = 2;
const uint TICK_FLAG_ASK = 4;
/// Ticks at or after `from` (ms, server time), oldest first, at most `count`; from 0: the last ones.
int CopyTicks(const string& symbol, MqlArray<MqlTick>& ticks, uint flags = COPY_TICKS_ALL, ulong from = 0, uint count = 0);
int CopyRates(const string& symbol, ENUM_TIMEFRAMES timeframe, datetime from, int count, MqlArray<MqlRates>& rates);
int CopyRates(const string& symbol, ENUM_TIMEFRAMES timeframe, datetime from, datetime to, MqlArray<MqlRates>& rates);
int PeriodSeconds(ENUM_TIMEFRAMES timeframe = PERIOD_CURRENT);

enum ENUM_CALENDAR_EVENT_IMPORTANCE {
  CALENDAR_IMPORTANCE_NONE = 0,
  CALENDAR_IMPORTANCE_LOW = 1,
  CALENDAR_IMPORTANCE_MODERATE = 2,
  CALENDAR_IMPORTANCE_HIGH = 3
};
struct MqlCalendarValue {
  ulong id = 0;
  ulong event_id = 0;
  datetime time = 0;
  datetime period = 0;
  int revision = 0;
  long actual_value = LONG_MIN;
  long prev_value = LONG_MIN;
  long revised_prev_value = LONG_MIN;
  long forecast_value = LONG_MIN;
};
enum ENUM_CALENDAR_EVENT_TIMEMODE {
  CALENDAR_TIMEMODE_DATETIME = 0,
  CALENDAR_TIMEMODE_DATE = 1,
  CALENDAR_TIMEMODE_NOTIME = 2,
  CALENDAR_TIMEMODE_TENTATIVE = 3
};
struct MqlCalendarEvent {
  ulong id = 0;
  ENUM_CALENDAR_EVENT_TIMEMODE time_mode = CALENDAR_TIMEMODE_DATETIME;
  ulong country_id = 0;
  uint digits = 0;
  ENUM_CALENDAR_EVENT_IMPORTANCE importance = CALENDAR_IMPORTANCE_NONE;
  string source_url;
  string event_code;
  string name;
};
struct MqlCalendarCountry {
  ulong id = 0;
  string name;
  string code;
  string currency;
  string currency_symbol;
  string url_name;
};
int CalendarValueHistory(MqlArray<MqlCalendarValue>& values, datetime from, datetime to = 0);
bool CalendarEventById(ulong id, MqlCalendarEvent& event);
bool CalendarCountryById(ulong id, MqlCalendarCountry& country);

}  // namespace mql5
