// What the documentation of MQL5 says of functions that need a terminal. One lot of EURUSD is bought
// and a pending order is placed before anything is asked of them.
#include "Says.mqh"

int g_timers=0;
long g_began=0;

int OnInit()
  {
   g_began=(long)GetTickCount64();
   Says("EventSetMillisecondTimer","refuses no time at all",!EventSetMillisecondTimer(0));
   Says("IsStopped","is false while the program runs",!IsStopped());
   return(INIT_SUCCEEDED);
  }

void OnDeinit(const int reason)
  {
   Says("EventKillTimer","ends the events",g_timers==2);
   Says("IsStopped","is true when the program has to end",IsStopped() && reason==REASON_CLOSE);
  }

void OnTimer()
  {
   g_timers++;
   if(g_timers<2)
      return;
   EventKillTimer();
   Sleep(60);
   Says("EventSetMillisecondTimer","makes an event each time",true);
   Comment("ok Comment: stands on the chart, not in the log ",g_timers);
  }

void TryClocks()
  {
   MqlTick tick;
   SymbolInfoTick("EURUSD",tick);
   Says("TimeCurrent","is the time of the last quote",TimeCurrent()==tick.time);
   Says("TimeTradeServer","goes on when there are no quotes",TimeTradeServer()==TimeCurrent()+30);
   Says("TimeGMT","comes from the clock of the PC",TimeGMT()==TimeTradeServer()-3*3600);
   Says("GetTickCount64","counts milliseconds since the PC began",(long)GetTickCount64()>=g_began && (long)GetTickCount64()<86400000);
   Says("ChartID","names the chart",ChartID()!=0);
  }

void TryAccount()
  {
   Says("AccountInfoInteger","gives the login and the digits of the currency",AccountInfoInteger(ACCOUNT_LOGIN)==5012345 && AccountInfoInteger(ACCOUNT_CURRENCY_DIGITS)==2);
   Says("AccountInfoDouble","equity is balance and floating profit",NormalizeDouble(AccountInfoDouble(ACCOUNT_EQUITY)-AccountInfoDouble(ACCOUNT_BALANCE)-AccountInfoDouble(ACCOUNT_PROFIT),2)==0.0);
   Says("AccountInfoString","gives currency and server",AccountInfoString(ACCOUNT_CURRENCY)=="USD" && AccountInfoString(ACCOUNT_SERVER)=="Sim");
   Says("TerminalInfoInteger","tells the connection and its ping in microseconds",TerminalInfoInteger(TERMINAL_CONNECTED)==1 && TerminalInfoInteger(TERMINAL_PING_LAST)>1000);
   Says("TerminalInfoString","names the data folder",TerminalInfoString(TERMINAL_DATA_PATH)!="");
   Says("MQLInfoInteger","tells whether this program may trade",MQLInfoInteger(MQL_TRADE_ALLOWED)==1);
  }

void TrySymbols()
  {
   bool custom=true;
   datetime from=0;
   datetime to=0;
   MqlTick tick;
   Says("SymbolsTotal","counts the Market Watch",SymbolsTotal(true)==1);
   Says("SymbolName","names a place of it, or nothing beyond",SymbolName(0,true)=="EURUSD" && SymbolName(1,true)=="");
   ResetLastError();
   Says("SymbolSelect","fails for what the broker does not have: 4301",SymbolSelect("EURUSD",true) && !SymbolSelect("NOPE",true) && GetLastError()==ERR_MARKET_UNKNOWN_SYMBOL);
   Says("SymbolExist","is false for what the broker does not have",SymbolExist("EURUSD",custom) && !custom && !SymbolExist("NOPE",custom));
   Says("SymbolIsSynchronized","is true when the data are there",SymbolIsSynchronized("EURUSD"));
   Says("SymbolInfoInteger","gives digits and levels",SymbolInfoInteger("EURUSD",SYMBOL_DIGITS)==5 && SymbolInfoInteger("EURUSD",SYMBOL_TRADE_STOPS_LEVEL)==10);
   Says("SymbolInfoDouble","gives point and lot step",SymbolInfoDouble("EURUSD",SYMBOL_POINT)==0.00001 && SymbolInfoDouble("EURUSD",SYMBOL_VOLUME_STEP)==0.01);
   Says("SymbolInfoString","gives currencies",SymbolInfoString("EURUSD",SYMBOL_CURRENCY_PROFIT)=="USD");
   Says("SymbolInfoTick","gives the last quote, of both sides",SymbolInfoTick("EURUSD",tick) && tick.ask>tick.bid && tick.time_msc/1000==tick.time && !SymbolInfoTick("NOPE",tick));
   Says("SymbolInfoSessionTrade","gives seconds of the day, 24:00 as 86400",SymbolInfoSessionTrade("EURUSD",MONDAY,0,from,to) && from==0 && to==86400 && !SymbolInfoSessionTrade("EURUSD",MONDAY,1,from,to));
   Says("PeriodSeconds","gives the seconds of a timeframe",PeriodSeconds(PERIOD_M5)==300 && PeriodSeconds()==60);
  }

bool Send(MqlTradeRequest &request,MqlTradeResult &result)
  {
   request.symbol="EURUSD";
   request.volume=1.0;
   request.magic=4611686018427387905;
   request.comment="shim";
   return(OrderSend(request,result));
  }

void TryTrade()
  {
   MqlTick tick;
   MqlTradeRequest request;
   MqlTradeResult result;
   MqlTradeCheckResult check;
   SymbolInfoTick("EURUSD",tick);
   ZeroMemory(request);
   ZeroMemory(result);
   request.action=TRADE_ACTION_DEAL;
   request.symbol="EURUSD";
   request.volume=1.0;
   request.type=ORDER_TYPE_BUY;
   request.price=tick.ask;
   request.sl=1.2;
   Says("OrderCheck","tells the margin and answers 0 for what could be sent",OrderCheck(request,check) && check.retcode==0 && check.margin>0.0);
   request.volume=1000000.0;
   Says("OrderCheck","answers the retcode of the refusal",!OrderCheck(request,check) && check.retcode==10014);
   ResetLastError();
   request.volume=0.005;
   Says("OrderSend","is false with a retcode for what is refused: 4756",!OrderSend(request,result) && result.retcode==10014 && GetLastError()==ERR_TRADE_SEND_FAILED);
   Says("OrderSend","is true with 10009, an order and a deal",Send(request,result) && result.retcode==10009 && result.deal>0 && result.order>0 && result.request_id==2);
   ZeroMemory(request);
   request.action=TRADE_ACTION_PENDING;
   request.type=ORDER_TYPE_BUY_LIMIT;
   request.price=1.25;
   request.sl=1.2;
   request.type_filling=ORDER_FILLING_RETURN;
   Send(request,result);
  }

void TryPositions()
  {
   Says("PositionsTotal","counts what is open",PositionsTotal()==1);
   const ulong ticket=PositionGetTicket(0);
   Says("PositionGetTicket","selects, and is 0 beyond the last: 4753",ticket>0 && PositionGetTicket(1)==0 && GetLastError()==ERR_TRADE_POSITION_NOT_FOUND);
   Says("PositionSelectByTicket","selects by ticket",PositionSelectByTicket(ticket) && !PositionSelectByTicket(ticket+1));
   PositionSelectByTicket(ticket);
   Says("PositionGetInteger","gives the 64 bits of a magic",PositionGetInteger(POSITION_MAGIC)==4611686018427387905 && PositionGetInteger(POSITION_TYPE)==POSITION_TYPE_BUY);
   Says("PositionGetDouble","gives volume and stop",PositionGetDouble(POSITION_VOLUME)==1.0 && PositionGetDouble(POSITION_SL)==1.2);
   Says("PositionGetString","gives symbol and comment",PositionGetString(POSITION_SYMBOL)=="EURUSD" && PositionGetString(POSITION_COMMENT)=="shim");
   Says("OrdersTotal","counts what is pending",OrdersTotal()==1);
   const ulong order=OrderGetTicket(0);
   Says("OrderGetTicket","selects, and is 0 beyond the last: 4754",order>0 && OrderGetTicket(1)==0 && GetLastError()==ERR_TRADE_ORDER_NOT_FOUND);
   Says("OrderSelect","selects by ticket",!OrderSelect(order+1) && OrderSelect(order));
   Says("OrderGetInteger","gives the kind and the state",OrderGetInteger(ORDER_TYPE)==ORDER_TYPE_BUY_LIMIT && OrderGetInteger(ORDER_STATE)==ORDER_STATE_PLACED);
   Says("OrderGetDouble","gives price and volume",OrderGetDouble(ORDER_PRICE_OPEN)==1.25 && OrderGetDouble(ORDER_VOLUME_CURRENT)==1.0);
   Says("OrderGetString","gives the symbol",OrderGetString(ORDER_SYMBOL)=="EURUSD");
  }

void TryHistory()
  {
   Says("HistoryDealsTotal","is 0 before a selection",HistoryDealsTotal()==0 && HistoryOrdersTotal()==0);
   Says("HistorySelect","takes what lies between two instants, and nothing else",HistorySelect(0,1) && HistoryDealsTotal()==0 && HistorySelect(0,TimeTradeServer()+60));
   Says("HistoryDealsTotal","counts deals of the selection",HistoryDealsTotal()==2);
   Says("HistoryOrdersTotal","counts orders that are done, not those that are pending",HistoryOrdersTotal()==1);
   const ulong deal=HistoryDealGetTicket(1);
   const ulong order=HistoryOrderGetTicket(0);
   Says("HistoryDealGetTicket","is 0 beyond the last",deal>0 && HistoryDealGetTicket(2)==0);
   Says("HistoryOrderGetTicket","is 0 beyond the last",order>0 && HistoryOrderGetTicket(1)==0);
   Says("HistoryDealGetInteger","gives entry and order of a deal",HistoryDealGetInteger(deal,DEAL_ENTRY)==DEAL_ENTRY_IN && HistoryDealGetInteger(deal,DEAL_ORDER)==(long)order);
   Says("HistoryDealGetInteger","sets 4755 for a deal outside of the selection",HistoryDealGetInteger(deal+100,DEAL_ENTRY)==0 && GetLastError()==ERR_TRADE_DEAL_NOT_FOUND);
   Says("HistoryDealGetDouble","gives volume and commission",HistoryDealGetDouble(deal,DEAL_VOLUME)==1.0 && HistoryDealGetDouble(deal,DEAL_COMMISSION)==-3.5);
   Says("HistoryDealGetString","gives symbol and comment",HistoryDealGetString(deal,DEAL_SYMBOL)=="EURUSD" && HistoryDealGetString(deal,DEAL_COMMENT)=="shim");
   Says("HistoryOrderGetInteger","gives the state of an order",HistoryOrderGetInteger(order,ORDER_STATE)==ORDER_STATE_FILLED);
   Says("HistoryOrderGetDouble","gives what is left of the volume",HistoryOrderGetDouble(order,ORDER_VOLUME_CURRENT)==0.0 && HistoryOrderGetDouble(order,ORDER_VOLUME_INITIAL)==1.0);
   Says("HistoryOrderGetString","gives the symbol",HistoryOrderGetString(order,ORDER_SYMBOL)=="EURUSD");
   Says("HistoryDealSelect","leaves the one deal, and every order, in the selection",HistoryDealSelect(deal) && HistoryDealsTotal()==1 && HistoryOrdersTotal()==1 && !HistoryDealSelect(deal+100));
   HistorySelect(0,TimeTradeServer()+60);
   Says("HistoryOrderSelect","leaves the one order, and every deal, in the selection",HistoryOrderSelect(order) && HistoryOrdersTotal()==1 && HistoryDealsTotal()==2 && !HistoryOrderSelect(order+100));
  }

void TryPrices()
  {
   MqlTick ticks[];
   MqlRates rates[];
   const int all=CopyTicks("EURUSD",ticks,COPY_TICKS_ALL,0,1000);
   Says("CopyTicks","gives every tick, the oldest first",all>100 && ticks[0].time_msc<ticks[all-1].time_msc && ticks[all-1].time==TimeCurrent());
   const ulong from=(ulong)ticks[50].time_msc;
   Says("CopyTicks","begins at an instant and ends after so many",CopyTicks("EURUSD",ticks,COPY_TICKS_ALL,from,3)==3 && ticks[0].time_msc==(long)from);
   Says("CopyTicks","is -1 for what the broker does not have",CopyTicks("NOPE",ticks,COPY_TICKS_ALL,0,1)==-1);
   Says("CopyRates","gives so many bars up to an instant, the running one last",CopyRates("EURUSD",PERIOD_M1,TimeCurrent(),2,rates)==2 && rates[1].time-rates[0].time==60);
   const datetime first=rates[0].time;
   Says("CopyRates","gives the bars that open between two instants",CopyRates("EURUSD",PERIOD_M1,first,first,rates)==1 && rates[0].time==first && rates[0].high>=rates[0].low);
  }

void TryCalendar()
  {
   MqlCalendarValue values[];
   MqlCalendarEvent event;
   MqlCalendarCountry country;
   Says("CalendarValueHistory","gives the releases between two instants of server time",CalendarValueHistory(values,0,TimeTradeServer())==0 && CalendarValueHistory(values,TimeTradeServer(),TimeTradeServer()+7200)==1);
   Says("CalendarEventById","gives the importance of an event",CalendarEventById(values[0].event_id,event) && event.importance==CALENDAR_IMPORTANCE_HIGH && event.name=="Payrolls" && !CalendarEventById(99,event));
   Says("CalendarCountryById","gives the currency of a country",CalendarCountryById(event.country_id,country) && country.currency=="USD" && !CalendarCountryById(99,country));
  }

void TryVariables()
  {
   const datetime at=GlobalVariableSet("shim.a",1.5);
   Says("GlobalVariableSet","gives the time of the change",at>0);
   Says("GlobalVariableGet","gives the value",GlobalVariableGet("shim.a")==1.5);
   Says("GlobalVariableCheck","is false for what does not exist",GlobalVariableCheck("shim.a") && !GlobalVariableCheck("shim.b"));
   Says("GlobalVariableSetOnCondition","sets only when the value is the expected one: 4501",!GlobalVariableSetOnCondition("shim.a",3.0,2.0) && GlobalVariableGet("shim.a")==1.5 && GlobalVariableSetOnCondition("shim.a",3.0,1.5) && GlobalVariableGet("shim.a")==3.0);
   Says("GlobalVariableTemp","makes a variable of 0, and no second one",GlobalVariableTemp("shim.t") && GlobalVariableGet("shim.t")==0.0 && !GlobalVariableTemp("shim.t"));
   Says("GlobalVariableDel","takes it away",GlobalVariableDel("shim.a") && !GlobalVariableCheck("shim.a") && !GlobalVariableDel("shim.a"));
  }

void TryWords()
  {
   string most="";
   for(int i=0; i<255; i++)
      most+="x";
   Says("SendNotification","carries 255 characters and no more: 4515",SendNotification(most) && !SendNotification(most+"x") && GetLastError()==ERR_NOTIFICATION_SEND_FAILED);
   Says("SendNotification","goes at most twice a second: 4518",SendNotification("2") && !SendNotification("3") && GetLastError()==ERR_NOTIFICATION_TOO_FREQUENT);
   Print("ok Print: joins what it is given, ",1," ",2.5," and a text");
   PrintFormat("ok PrintFormat: takes a format, %d %s",1,"and a text");
  }

void OnStart()
  {
   TryClocks();
   TrySymbols();
   TryTrade();
   TryAccount();
   TryPositions();
   TryHistory();
   TryPrices();
   TryCalendar();
   TryVariables();
   TryWords();
   Says("EventSetMillisecondTimer","takes milliseconds",EventSetMillisecondTimer(20));
  }
