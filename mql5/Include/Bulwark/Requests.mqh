// One request to the trade server: how it is filled in, sent, and what its result means.
#ifndef BULWARK_REQUESTS_MQH
#define BULWARK_REQUESTS_MQH

#include "Records.mqh"
#include "Say.mqh"

#define BW_RET_PLACED 10008
#define BW_RET_DONE 10009
#define BW_RET_PARTIAL 10010
#define BW_RET_ERROR 10011
#define BW_RET_INVALID 10013
#define BW_RET_INVALID_VOLUME 10014
#define BW_RET_INVALID_STOPS 10016
#define BW_RET_TRADE_DISABLED 10017
#define BW_RET_NO_CHANGES 10025
#define BW_RET_SERVER_DISABLES 10026
#define BW_RET_CLIENT_DISABLES 10027
#define BW_RET_INVALID_FILL 10030
#define BW_RET_INVALID_ORDER 10035
#define BW_RET_POSITION_CLOSED 10036
#define BW_RET_LONG_ONLY 10042
#define BW_RET_SHORT_ONLY 10043
#define BW_RET_CLOSE_ONLY 10044

// The four switches that must all be on to trade.
struct BwSwitches
  {
   bool              terminal;
   bool              mql;
   bool              account;
   bool              expert;
  };

void BwReadSwitches(BwSwitches &s)
  {
   s.terminal=(TerminalInfoInteger(TERMINAL_TRADE_ALLOWED)!=0);
   s.mql=(MQLInfoInteger(MQL_TRADE_ALLOWED)!=0);
   s.account=(AccountInfoInteger(ACCOUNT_TRADE_ALLOWED)!=0);
   s.expert=(AccountInfoInteger(ACCOUNT_TRADE_EXPERT)!=0);
  }

// The retcode that a request would meet with a switch off, or 0.
int BwSwitchRefusal()
  {
   BwSwitches s;
   BwReadSwitches(s);
   if(!s.terminal || !s.mql)
      return(BW_RET_CLIENT_DISABLES);
   if(!s.account)
      return(BW_RET_TRADE_DISABLED);
   return(s.expert ? 0 : BW_RET_SERVER_DISABLES);
  }

void BwResultSet(BwAttempt &a,const long retcode,const string comment)
  {
   a.retcode=retcode;
   a.order=0;
   a.deal=0;
   a.price="";
   a.volume="";
   a.comment=comment;
  }

// The filling that a market request of this symbol must use. RETURN has no flag.
ENUM_ORDER_TYPE_FILLING BwFillingFor(const string symbol)
  {
   const long flags=SymbolInfoInteger(symbol,SYMBOL_FILLING_MODE);
   if((flags & SYMBOL_FILLING_FOK)!=0)
      return(ORDER_FILLING_FOK);
   if((flags & SYMBOL_FILLING_IOC)!=0)
      return(ORDER_FILLING_IOC);
   return(ORDER_FILLING_RETURN);
  }

ENUM_ORDER_TYPE_FILLING BwFillingNamed(const string name)
  {
   if(name=="fok")
      return(ORDER_FILLING_FOK);
   return(name=="ioc" ? ORDER_FILLING_IOC : ORDER_FILLING_RETURN);
  }

// The price at which a market request executes now; 0 without a quote.
double BwMarketPrice(const string symbol,const bool buy)
  {
   MqlTick tick;
   ZeroMemory(tick);
   if(!SymbolInfoTick(symbol,tick))
      return(0.0);
   return(buy ? tick.ask : tick.bid);
  }

// Sends, and blocks until the server has answered. A result without a retcode says nothing of the
// outcome and is told as ERROR, which the runtime reconciles before it does anything else.
void BwSend(MqlTradeRequest &request,BwAttempt &a)
  {
   const int refusal=BwSwitchRefusal();
   if(refusal!=0)
     {
      BwResultSet(a,refusal,"a trade switch is off");
      return;
     }
   MqlTradeResult result;
   ZeroMemory(result);
   ResetLastError();
   const bool taken=OrderSend(request,result);
   const int error=GetLastError();
   g_bwCounters.orders++;
   if(result.retcode==0)
     {
      const int retcode=(!taken && error==4752) ? BW_RET_CLIENT_DISABLES : BW_RET_ERROR;
      BwResultSet(a,retcode,"no retcode, error "+IntegerToString(error));
      return;
     }
   BwResultSet(a,(long)result.retcode,StringSubstr(result.comment,0,64));
   a.order=result.order;
   a.deal=result.deal;
   if(result.price>0.0)
      a.price=BwFormatDouble(result.price,BwDigitsOf(request.symbol));
   if(result.volume>0.0)
      a.volume=BwFormatLots(result.volume);
  }

// A close by ticket. The magic stays the position's own, whoever closes it.
bool BwBuildClose(const ulong ticket,const double lots,const long deviation,
                  const ENUM_ORDER_TYPE_FILLING filling,MqlTradeRequest &request)
  {
   ZeroMemory(request);
   if(!PositionSelectByTicket(ticket))
      return(false);
   const bool buy=(PositionGetInteger(POSITION_TYPE)==POSITION_TYPE_BUY);
   request.action=TRADE_ACTION_DEAL;
   request.position=ticket;
   request.symbol=PositionGetString(POSITION_SYMBOL);
   request.volume=lots;
   request.type=buy ? ORDER_TYPE_SELL : ORDER_TYPE_BUY;
   request.price=BwMarketPrice(request.symbol,!buy);
   request.deviation=(ulong)deviation;
   request.type_filling=filling;
   request.magic=(ulong)PositionGetInteger(POSITION_MAGIC);
   return(true);
  }

// Everything of a position, at whatever the market gives: for flatten, guard and dead man.
bool BwBuildCloseAll(const ulong ticket,MqlTradeRequest &request)
  {
   ZeroMemory(request);
   if(!PositionSelectByTicket(ticket))
      return(false);
   const double lots=PositionGetDouble(POSITION_VOLUME);
   const string symbol=PositionGetString(POSITION_SYMBOL);
   return(BwBuildClose(ticket,lots,100000,BwFillingFor(symbol),request));
  }

// A cancel goes to the server even when the terminal does not show the order: its answer says so.
void BwBuildCancel(const ulong ticket,MqlTradeRequest &request)
  {
   ZeroMemory(request);
   request.action=TRADE_ACTION_REMOVE;
   request.order=ticket;
   if(OrderSelect(ticket))
      request.symbol=OrderGetString(ORDER_SYMBOL);
  }

bool BwBuildStops(const ulong ticket,const double stopLoss,const double takeProfit,
                  MqlTradeRequest &request)
  {
   ZeroMemory(request);
   if(!PositionSelectByTicket(ticket))
      return(false);
   request.action=TRADE_ACTION_SLTP;
   request.position=ticket;
   request.symbol=PositionGetString(POSITION_SYMBOL);
   request.magic=(ulong)PositionGetInteger(POSITION_MAGIC);
   request.sl=stopLoss;
   request.tp=takeProfit;
   return(true);
  }

void BwBuildModify(const ulong ticket,const double price,const double stopLoss,
                   const double takeProfit,MqlTradeRequest &request)
  {
   ZeroMemory(request);
   request.action=TRADE_ACTION_MODIFY;
   request.order=ticket;
   request.price=price;
   request.sl=stopLoss;
   request.tp=takeProfit;
   if(!OrderSelect(ticket))
      return;
   // What a change cannot name keeps its value.
   request.symbol=OrderGetString(ORDER_SYMBOL);
   request.type_filling=(ENUM_ORDER_TYPE_FILLING)OrderGetInteger(ORDER_TYPE_FILLING);
  }

bool BwBuildCloseBy(const ulong ticket,const ulong other,MqlTradeRequest &request)
  {
   ZeroMemory(request);
   if(!PositionSelectByTicket(other) || !PositionSelectByTicket(ticket))
      return(false);
   request.action=TRADE_ACTION_CLOSE_BY;
   request.position=ticket;
   request.position_by=other;
   request.symbol=PositionGetString(POSITION_SYMBOL);
   request.magic=(ulong)PositionGetInteger(POSITION_MAGIC);
   return(true);
  }

#endif
