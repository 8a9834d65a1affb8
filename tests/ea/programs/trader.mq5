//+------------------------------------------------------------------+
//| An expert that buys on its first tick and tells what it sees.    |
//+------------------------------------------------------------------+
input string InpSymbol = "EURUSD";
input double InpLots = 0.5;
input int InpDeinitMs = 0;

int g_ticks = 0;
int g_inits = 0;
int g_timers = 0;

int OnInit()
  {
   g_inits++;
   Print("init ", g_inits, " on ", _Symbol, " ", AccountInfoInteger(ACCOUNT_LOGIN), " ", AccountInfoString(ACCOUNT_CURRENCY));
   EventSetMillisecondTimer(20);
   return(INIT_SUCCEEDED);
  }

void OnDeinit(const int reason)
  {
   Print("deinit ", reason);
   EventKillTimer();
   Sleep(InpDeinitMs);
  }

bool Buy(const string symbol, const double lots)
  {
   MqlTick tick;
   if(!SymbolInfoTick(symbol, tick))
      return(false);
   MqlTradeRequest request;
   MqlTradeResult result;
   ZeroMemory(request);
   ZeroMemory(result);
   request.action = TRADE_ACTION_DEAL;
   request.symbol = symbol;
   request.volume = lots;
   request.type = ORDER_TYPE_BUY;
   request.price = tick.ask;
   request.sl = NormalizeDouble(tick.bid - 500 * SymbolInfoDouble(symbol, SYMBOL_POINT), (int)SymbolInfoInteger(symbol, SYMBOL_DIGITS));
   request.magic = 4611686018427387905;
   request.type_filling = ORDER_FILLING_FOK;
   request.comment = "first\ttick";
   MqlTradeCheckResult check;
   Print("check ", OrderCheck(request, check), " ", check.retcode);
   bool sent = OrderSend(request, result);
   PrintFormat("send %d %u deal %I64u %.5f error %d", (int)sent, result.retcode, result.deal, result.price, GetLastError());
   return(sent);
  }

void OnTick()
  {
   g_ticks++;
   if(g_ticks > 1)
      return;
   Buy(InpSymbol, InpLots);
   for(int i = 0; i < PositionsTotal(); i++)
     {
      ulong ticket = PositionGetTicket(i);
      PrintFormat("position %I64u %s %.2f sl %.5f magic %I64d", ticket, PositionGetString(POSITION_SYMBOL), PositionGetDouble(POSITION_VOLUME), PositionGetDouble(POSITION_SL), PositionGetInteger(POSITION_MAGIC));
     }
   HistorySelect(0, TimeTradeServer() + 60);
   for(int i = 0; i < HistoryDealsTotal(); i++)
     {
      ulong deal = HistoryDealGetTicket(i);
      PrintFormat("deal %I64u type %d profit %.2f %s", deal, (int)HistoryDealGetInteger(deal, DEAL_TYPE), HistoryDealGetDouble(deal, DEAL_PROFIT), HistoryDealGetString(deal, DEAL_COMMENT));
     }
   MqlTick ticks[];
   MqlRates rates[];
   Print("ticks ", CopyTicks(InpSymbol, ticks, COPY_TICKS_ALL, 0, 10), " rates ", CopyRates(InpSymbol, PERIOD_M1, TimeCurrent(), 5, rates));
   Print("server ", TimeTradeServer(), " ticks of the clock ", GetTickCount64());
  }

void OnTimer()
  {
   g_timers++;
   if(g_timers == 1)
      Comment("timer runs");
  }

void OnTradeTransaction(const MqlTradeTransaction &transaction, const MqlTradeRequest &request, const MqlTradeResult &result)
  {
   PrintFormat("transaction %d deal %I64u", (int)transaction.type, transaction.deal);
  }
