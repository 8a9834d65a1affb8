#include "host.hpp"

namespace mql5 {

// ---- account, terminal, program -----------------------------------------------------------------
long AccountInfoInteger(ENUM_ACCOUNT_INFO_INTEGER property) { return askOnce({"account"}).only().whole(nameOf(property)); }
double AccountInfoDouble(ENUM_ACCOUNT_INFO_DOUBLE property) { return askOnce({"account"}).only().real(nameOf(property)); }
string AccountInfoString(ENUM_ACCOUNT_INFO_STRING property) { return askOnce({"account"}).only().words(nameOf(property)); }
int TerminalInfoInteger(ENUM_TERMINAL_INFO_INTEGER property) { return static_cast<int>(askOnce({"terminal"}).only().whole(nameOf(property))); }
string TerminalInfoString(ENUM_TERMINAL_INFO_STRING property) { return askOnce({"terminal"}).only().words(nameOf(property)); }
int MQLInfoInteger(ENUM_MQL_INFO_INTEGER property) { return static_cast<int>(askOnce({"terminal"}).only().whole(nameOf(property))); }

// ---- symbols ------------------------------------------------------------------------------------
static const Answer& symbolOf(const string& symbol) { return askOnce({"symbol", toUtf8(symbol.units().empty() ? _Symbol : symbol)}); }
int SymbolsTotal(bool selected) { return static_cast<int>(askOnce({"symbols", selected ? "1" : "0"}).rows.size()); }
string SymbolName(int position, bool selected) {
  const Answer& all = askOnce({"symbols", selected ? "1" : "0"});
  if (position < 0 || position >= static_cast<int>(all.rows.size())) return string();
  return all.rows[static_cast<size_t>(position)].words("SYMBOL");
}
bool SymbolSelect(const string& symbol, bool select) {
  const bool done = ask({"symbol.select", toUtf8(symbol), select ? "1" : "0"}).ok;
  forgetAnswers();
  return done;
}
bool SymbolExist(const string& symbol, bool& isCustom) { isCustom = false; return symbolOf(symbol).ok; }
bool SymbolIsSynchronized(const string& symbol) { return symbolOf(symbol).ok; }
long SymbolInfoInteger(const string& symbol, ENUM_SYMBOL_INFO_INTEGER property) { return symbolOf(symbol).only().whole(nameOf(property)); }
double SymbolInfoDouble(const string& symbol, ENUM_SYMBOL_INFO_DOUBLE property) { return symbolOf(symbol).only().real(nameOf(property)); }
string SymbolInfoString(const string& symbol, ENUM_SYMBOL_INFO_STRING property) { return symbolOf(symbol).only().words(nameOf(property)); }
static MqlTick tickOf(const Row& row) {
  MqlTick tick;
  tick.time_msc = row.whole("time_msc");
  tick.time = tick.time_msc / 1000;
  tick.bid = row.real("bid");
  tick.ask = row.real("ask");
  tick.last = row.real("last");
  tick.flags = static_cast<uint>(row.natural("flags"));
  return tick;
}
bool SymbolInfoTick(const string& symbol, MqlTick& tick) {
  const Answer& answer = askOnce({"tick", toUtf8(symbol)});
  if (answer.ok) tick = tickOf(answer.only());
  return answer.ok;
}
bool SymbolInfoSessionTrade(const string& symbol, ENUM_DAY_OF_WEEK day, uint index, datetime& from, datetime& to) {
  const Answer& answer = askOnce({"session", toUtf8(symbol), std::to_string(day), std::to_string(index)});
  if (!answer.ok) return false;
  from = answer.only().whole("FROM");
  to = answer.only().whole("TO");
  return true;
}
int PeriodSeconds(ENUM_TIMEFRAMES timeframe) {
  const ENUM_TIMEFRAMES asked = timeframe == PERIOD_CURRENT ? _Period : timeframe;
  switch (asked) {
    case PERIOD_M1: return 60;
    case PERIOD_M5: return 300;
    case PERIOD_M15: return 900;
    case PERIOD_M30: return 1800;
    case PERIOD_H1: return 3600;
    case PERIOD_H4: return 14400;
    case PERIOD_D1: return 86400;
    case PERIOD_W1: return 604800;
    case PERIOD_MN1: return 2592000;
    default: return 0;
  }
}

// ---- positions and orders -----------------------------------------------------------------------
namespace {
Row selectedPosition;
Row selectedOrder;
std::vector<Row> historyDeals;
std::vector<Row> historyOrders;

const Row* byNumber(const std::vector<Row>& rows, const char* name, ulong number) {
  for (const Row& row : rows) if (row.natural(name) == number) return &row;
  return nullptr;
}
const Row* at(const std::vector<Row>& rows, int index) {
  return index < 0 || index >= static_cast<int>(rows.size()) ? nullptr : &rows[static_cast<size_t>(index)];
}
}  // namespace

int PositionsTotal() { return static_cast<int>(askOnce({"positions"}).rows.size()); }
ulong PositionGetTicket(int index) {
  const Row* row = at(askOnce({"positions"}).rows, index);
  if (row == nullptr) { setError(ERR_TRADE_POSITION_NOT_FOUND); return 0; }
  selectedPosition = *row;
  return row->natural("POSITION_TICKET");
}
bool PositionSelectByTicket(ulong ticket) {
  const Row* row = byNumber(askOnce({"positions"}).rows, "POSITION_TICKET", ticket);
  if (row == nullptr) { setError(ERR_TRADE_POSITION_NOT_FOUND); return false; }
  selectedPosition = *row;
  return true;
}
long PositionGetInteger(ENUM_POSITION_PROPERTY_INTEGER property) { return selectedPosition.whole(nameOf(property)); }
double PositionGetDouble(ENUM_POSITION_PROPERTY_DOUBLE property) { return selectedPosition.real(nameOf(property)); }
string PositionGetString(ENUM_POSITION_PROPERTY_STRING property) { return selectedPosition.words(nameOf(property)); }

int OrdersTotal() { return static_cast<int>(askOnce({"orders"}).rows.size()); }
ulong OrderGetTicket(int index) {
  const Row* row = at(askOnce({"orders"}).rows, index);
  if (row == nullptr) { setError(ERR_TRADE_ORDER_NOT_FOUND); return 0; }
  selectedOrder = *row;
  return row->natural("ORDER_TICKET");
}
bool OrderSelect(ulong ticket) {
  const Row* row = byNumber(askOnce({"orders"}).rows, "ORDER_TICKET", ticket);
  if (row == nullptr) { setError(ERR_TRADE_ORDER_NOT_FOUND); return false; }
  selectedOrder = *row;
  return true;
}
long OrderGetInteger(ENUM_ORDER_PROPERTY_INTEGER property) { return selectedOrder.whole(nameOf(property)); }
double OrderGetDouble(ENUM_ORDER_PROPERTY_DOUBLE property) { return selectedOrder.real(nameOf(property)); }
string OrderGetString(ENUM_ORDER_PROPERTY_STRING property) { return selectedOrder.words(nameOf(property)); }

// ---- history: a selection of its own, which stays until the next one ----------------------------
bool HistorySelect(datetime from, datetime to) {
  const Answer& answer = ask({"history", std::to_string(from), std::to_string(to)});
  if (!answer.ok) return false;
  historyDeals.clear();
  historyOrders.clear();
  for (const Row& row : answer.rows) (row.has("DEAL_TICKET") ? historyDeals : historyOrders).push_back(row);
  return true;
}
int HistoryDealsTotal() { return static_cast<int>(historyDeals.size()); }
int HistoryOrdersTotal() { return static_cast<int>(historyOrders.size()); }
ulong HistoryDealGetTicket(int index) {
  const Row* row = at(historyDeals, index);
  return row == nullptr ? 0 : row->natural("DEAL_TICKET");
}
ulong HistoryOrderGetTicket(int index) {
  const Row* row = at(historyOrders, index);
  return row == nullptr ? 0 : row->natural("ORDER_TICKET");
}
// Either replaces its own list by the one that was found, and leaves the other list.
bool HistoryDealSelect(ulong ticket) {
  const Answer& answer = ask({"history.deal", std::to_string(ticket)});
  if (answer.ok) historyDeals = answer.rows;
  else setError(ERR_TRADE_DEAL_NOT_FOUND);
  return answer.ok;
}
bool HistoryOrderSelect(ulong ticket) {
  const Answer& answer = ask({"history.order", std::to_string(ticket)});
  if (answer.ok) historyOrders = answer.rows;
  else setError(ERR_TRADE_ORDER_NOT_FOUND);
  return answer.ok;
}
static const Row& dealOf(ulong ticket) {
  static const Row nothing;
  const Row* row = byNumber(historyDeals, "DEAL_TICKET", ticket);
  if (row == nullptr) setError(ERR_TRADE_DEAL_NOT_FOUND);
  return row == nullptr ? nothing : *row;
}
static const Row& orderOf(ulong ticket) {
  static const Row nothing;
  const Row* row = byNumber(historyOrders, "ORDER_TICKET", ticket);
  if (row == nullptr) setError(ERR_TRADE_ORDER_NOT_FOUND);
  return row == nullptr ? nothing : *row;
}
long HistoryDealGetInteger(ulong ticket, ENUM_DEAL_PROPERTY_INTEGER property) { return dealOf(ticket).whole(nameOf(property)); }
double HistoryDealGetDouble(ulong ticket, ENUM_DEAL_PROPERTY_DOUBLE property) { return dealOf(ticket).real(nameOf(property)); }
string HistoryDealGetString(ulong ticket, ENUM_DEAL_PROPERTY_STRING property) { return dealOf(ticket).words(nameOf(property)); }
long HistoryOrderGetInteger(ulong ticket, ENUM_ORDER_PROPERTY_INTEGER property) { return orderOf(ticket).whole(nameOf(property)); }
double HistoryOrderGetDouble(ulong ticket, ENUM_ORDER_PROPERTY_DOUBLE property) { return orderOf(ticket).real(nameOf(property)); }
string HistoryOrderGetString(ulong ticket, ENUM_ORDER_PROPERTY_STRING property) { return orderOf(ticket).words(nameOf(property)); }

// ---- trade requests -----------------------------------------------------------------------------
static std::vector<std::string> requestWords(const char* verb, const MqlTradeRequest& request) {
  return {verb,
          std::to_string(request.action),
          std::to_string(request.magic),
          std::to_string(request.order),
          toUtf8(request.symbol),
          numberText(request.volume),
          numberText(request.price),
          numberText(request.stoplimit),
          numberText(request.sl),
          numberText(request.tp),
          std::to_string(request.deviation),
          std::to_string(request.type),
          std::to_string(request.type_filling),
          std::to_string(request.type_time),
          std::to_string(request.expiration),
          toUtf8(request.comment),
          std::to_string(request.position),
          std::to_string(request.position_by)};
}
bool OrderSend(const MqlTradeRequest& request, MqlTradeResult& result) {
  const Answer& answer = ask(requestWords("send", request));
  const Row& row = answer.only();
  result = MqlTradeResult();
  result.retcode = static_cast<uint>(row.natural("retcode"));
  result.deal = row.natural("deal");
  result.order = row.natural("order");
  result.volume = row.real("volume");
  result.price = row.real("price");
  result.bid = row.real("bid");
  result.ask = row.real("ask");
  result.comment = row.words("comment");
  result.request_id = static_cast<uint>(row.natural("request_id"));
  forgetAnswers();
  return answer.ok;
}
bool OrderCheck(const MqlTradeRequest& request, MqlTradeCheckResult& result) {
  const Answer& answer = ask(requestWords("check", request));
  const Row& row = answer.only();
  result = MqlTradeCheckResult();
  result.retcode = static_cast<uint>(row.natural("retcode"));
  result.balance = row.real("balance");
  result.equity = row.real("equity");
  result.profit = row.real("profit");
  result.margin = row.real("margin");
  result.margin_free = row.real("margin_free");
  result.margin_level = row.real("margin_level");
  result.comment = row.words("comment");
  return answer.ok;
}

// ---- history of prices --------------------------------------------------------------------------
static int takeTicks(const Answer& answer, MqlArray<MqlTick>& ticks) {
  if (!answer.ok) return -1;
  const int count = static_cast<int>(answer.rows.size());
  ticks.resize(count, 0);
  for (int index = 0; index < count; index++) ticks[index] = tickOf(answer.rows[static_cast<size_t>(index)]);
  return count;
}
int CopyTicks(const string& symbol, MqlArray<MqlTick>& ticks, uint flags, ulong from, uint count) {
  return takeTicks(ask({"ticks", toUtf8(symbol), std::to_string(flags), std::to_string(from), std::to_string(count)}), ticks);
}
static int takeRates(const Answer& answer, MqlArray<MqlRates>& rates) {
  if (!answer.ok) return -1;
  const int count = static_cast<int>(answer.rows.size());
  rates.resize(count, 0);
  for (int index = 0; index < count; index++) {
    const Row& row = answer.rows[static_cast<size_t>(index)];
    MqlRates& bar = rates[index];
    bar.time = row.whole("time");
    bar.open = row.real("open");
    bar.high = row.real("high");
    bar.low = row.real("low");
    bar.close = row.real("close");
    bar.tick_volume = row.whole("tick_volume");
    bar.spread = static_cast<int>(row.whole("spread"));
  }
  return count;
}
static std::string timeframeName(ENUM_TIMEFRAMES timeframe) { return nameOf(timeframe == PERIOD_CURRENT ? _Period : timeframe); }
int CopyRates(const string& symbol, ENUM_TIMEFRAMES timeframe, datetime from, int count, MqlArray<MqlRates>& rates) {
  return takeRates(ask({"rates.from", toUtf8(symbol), timeframeName(timeframe), std::to_string(from), std::to_string(count)}), rates);
}
int CopyRates(const string& symbol, ENUM_TIMEFRAMES timeframe, datetime from, datetime to, MqlArray<MqlRates>& rates) {
  return takeRates(ask({"rates.range", toUtf8(symbol), timeframeName(timeframe), std::to_string(from), std::to_string(to)}), rates);
}

// ---- economic calendar --------------------------------------------------------------------------
int CalendarValueHistory(MqlArray<MqlCalendarValue>& values, datetime from, datetime to) {
  const Answer& answer = ask({"calendar", std::to_string(from), std::to_string(to)});
  if (!answer.ok) return 0;
  const int count = static_cast<int>(answer.rows.size());
  values.resize(count, 0);
  for (int index = 0; index < count; index++) {
    const Row& row = answer.rows[static_cast<size_t>(index)];
    MqlCalendarValue value;
    value.id = row.natural("id");
    value.event_id = row.natural("event_id");
    value.time = row.whole("time");
    values[index] = value;
  }
  return count;
}
bool CalendarEventById(ulong id, MqlCalendarEvent& event) {
  const Answer& answer = ask({"calendar.event", std::to_string(id)});
  if (!answer.ok) return false;
  const Row& row = answer.only();
  event = MqlCalendarEvent();
  event.id = id;
  event.country_id = row.natural("country_id");
  event.importance = static_cast<ENUM_CALENDAR_EVENT_IMPORTANCE>(row.whole("importance"));
  event.name = row.words("name");
  event.event_code = row.words("event_code");
  return true;
}
bool CalendarCountryById(ulong id, MqlCalendarCountry& country) {
  const Answer& answer = ask({"calendar.country", std::to_string(id)});
  if (!answer.ok) return false;
  const Row& row = answer.only();
  country = MqlCalendarCountry();
  country.id = id;
  country.name = row.words("name");
  country.code = row.words("code");
  country.currency = row.words("currency");
  return true;
}

}  // namespace mql5
