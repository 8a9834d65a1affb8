// Account, positions, orders and deals in the words of the wire. Field names are in ascending
// order: what is sent is then the canonical JSON that the snapshot's hash is computed over.
#ifndef BULWARK_RECORDS_MQH
#define BULWARK_RECORDS_MQH

#include "Symbols.mqh"
#include "State.mqh"

void BwKeyMoney(BwBytes &b,const string name,const double amount)
  {
   BwKeyDecimal(b,name,amount,g_bwConfig.moneyDigits);
  }

void BwPutAccount(BwBytes &b)
  {
   const bool hedging=(AccountInfoInteger(ACCOUNT_MARGIN_MODE)==ACCOUNT_MARGIN_MODE_RETAIL_HEDGING);
   const bool percent=(AccountInfoInteger(ACCOUNT_MARGIN_SO_MODE)==ACCOUNT_STOPOUT_MODE_PERCENT);
   BwOpen(b,'{');
   BwKeyMoney(b,"balance",AccountInfoDouble(ACCOUNT_BALANCE));
   BwKeyText(b,"company",AccountInfoString(ACCOUNT_COMPANY));
   BwKeyText(b,"currency",AccountInfoString(ACCOUNT_CURRENCY));
   BwKeyInt(b,"currencyDigits",g_bwConfig.moneyDigits);
   BwKeyMoney(b,"equity",AccountInfoDouble(ACCOUNT_EQUITY));
   BwKeyInt(b,"leverage",AccountInfoInteger(ACCOUNT_LEVERAGE));
   BwKeyText(b,"login",g_bwConfig.login);
   BwKeyMoney(b,"margin",AccountInfoDouble(ACCOUNT_MARGIN));
   BwKeyText(b,"marginMode",hedging ? "hedging" : "netting");
   BwKeyText(b,"server",g_bwConfig.server);
   // A stop-out level in money has no percentage to tell.
   BwKeyReal(b,"stopOutLevelPercent",percent ? AccountInfoDouble(ACCOUNT_MARGIN_SO_SO) : 0.0);
   BwClose(b,'}');
  }

// The position that PositionSelectByTicket has selected.
void BwPutPosition(BwBytes &b)
  {
   const string symbol=PositionGetString(POSITION_SYMBOL);
   const int digits=BwDigitsOf(symbol);
   const bool buy=(PositionGetInteger(POSITION_TYPE)==POSITION_TYPE_BUY);
   BwOpen(b,'{');
   BwKeyText(b,"comment",PositionGetString(POSITION_COMMENT));
   BwKeyTicket(b,"magic",(ulong)PositionGetInteger(POSITION_MAGIC));
   BwKeyDecimal(b,"open",PositionGetDouble(POSITION_PRICE_OPEN),digits);
   BwKeyInt(b,"openedAtMs",PositionGetInteger(POSITION_TIME_MSC));
   BwKeyText(b,"side",buy ? "buy" : "sell");
   BwKeyLevel(b,"stopLoss",PositionGetDouble(POSITION_SL),digits);
   BwKeyMoney(b,"swap",PositionGetDouble(POSITION_SWAP));
   BwKeyText(b,"symbol",symbol);
   BwKeyLevel(b,"takeProfit",PositionGetDouble(POSITION_TP),digits);
   BwKeyTicket(b,"ticket",(ulong)PositionGetInteger(POSITION_TICKET));
   BwKeyLots(b,"volume",PositionGetDouble(POSITION_VOLUME));
   BwClose(b,'}');
  }

string BwSideOfOrder(const long type)
  {
   const bool sell=(type==ORDER_TYPE_SELL || type==ORDER_TYPE_SELL_LIMIT ||
                    type==ORDER_TYPE_SELL_STOP || type==ORDER_TYPE_SELL_STOP_LIMIT);
   return(sell ? "sell" : "buy");
  }

string BwKindOfOrder(const long type)
  {
   if(type==ORDER_TYPE_BUY_LIMIT || type==ORDER_TYPE_SELL_LIMIT)
      return("limit");
   if(type==ORDER_TYPE_BUY_STOP || type==ORDER_TYPE_SELL_STOP)
      return("stop");
   if(type==ORDER_TYPE_BUY_STOP_LIMIT || type==ORDER_TYPE_SELL_STOP_LIMIT)
      return("stopLimit");
   return("market");
  }

string BwStateOfOrder(const long state)
  {
   if(state==ORDER_STATE_PARTIAL)
      return("partial");
   if(state==ORDER_STATE_FILLED)
      return("filled");
   if(state==ORDER_STATE_CANCELED)
      return("cancelled");
   if(state==ORDER_STATE_EXPIRED)
      return("expired");
   if(state==ORDER_STATE_REJECTED)
      return("rejected");
   return("placed");
  }

// One order, live or of the history: the terminal has two families of functions for the same thing.
struct BwOrder
  {
   ulong             ticket;
   string            symbol;
   long              type;
   long              state;
   ulong             magic;
   ulong             position;
   long              placedMs;
   long              doneMs;
   double            volume;
   double            left;
   double            price;
   double            stopLimit;
   double            stopLoss;
   double            takeProfit;
   long              timeType;
   long              expiration;
   string            comment;
  };

// The order that OrderSelect or OrderGetTicket has selected.
void BwReadLiveOrder(BwOrder &o)
  {
   o.ticket=(ulong)OrderGetInteger(ORDER_TICKET);
   o.symbol=OrderGetString(ORDER_SYMBOL);
   o.type=OrderGetInteger(ORDER_TYPE);
   o.state=OrderGetInteger(ORDER_STATE);
   o.magic=(ulong)OrderGetInteger(ORDER_MAGIC);
   o.position=(ulong)OrderGetInteger(ORDER_POSITION_ID);
   o.placedMs=OrderGetInteger(ORDER_TIME_SETUP_MSC);
   o.doneMs=0;
   o.volume=OrderGetDouble(ORDER_VOLUME_INITIAL);
   o.left=OrderGetDouble(ORDER_VOLUME_CURRENT);
   o.price=OrderGetDouble(ORDER_PRICE_OPEN);
   o.stopLimit=OrderGetDouble(ORDER_PRICE_STOPLIMIT);
   o.timeType=OrderGetInteger(ORDER_TYPE_TIME);
   o.expiration=OrderGetInteger(ORDER_TIME_EXPIRATION);
   o.stopLoss=OrderGetDouble(ORDER_SL);
   o.takeProfit=OrderGetDouble(ORDER_TP);
   o.comment=OrderGetString(ORDER_COMMENT);
  }

void BwReadPastOrder(const ulong ticket,BwOrder &o)
  {
   o.ticket=ticket;
   o.symbol=HistoryOrderGetString(ticket,ORDER_SYMBOL);
   o.type=HistoryOrderGetInteger(ticket,ORDER_TYPE);
   o.state=HistoryOrderGetInteger(ticket,ORDER_STATE);
   o.magic=(ulong)HistoryOrderGetInteger(ticket,ORDER_MAGIC);
   o.position=(ulong)HistoryOrderGetInteger(ticket,ORDER_POSITION_ID);
   o.placedMs=HistoryOrderGetInteger(ticket,ORDER_TIME_SETUP_MSC);
   o.doneMs=HistoryOrderGetInteger(ticket,ORDER_TIME_DONE_MSC);
   o.volume=HistoryOrderGetDouble(ticket,ORDER_VOLUME_INITIAL);
   o.left=HistoryOrderGetDouble(ticket,ORDER_VOLUME_CURRENT);
   o.price=HistoryOrderGetDouble(ticket,ORDER_PRICE_OPEN);
   o.stopLimit=HistoryOrderGetDouble(ticket,ORDER_PRICE_STOPLIMIT);
   o.timeType=HistoryOrderGetInteger(ticket,ORDER_TYPE_TIME);
   o.expiration=HistoryOrderGetInteger(ticket,ORDER_TIME_EXPIRATION);
   o.stopLoss=HistoryOrderGetDouble(ticket,ORDER_SL);
   o.takeProfit=HistoryOrderGetDouble(ticket,ORDER_TP);
   o.comment=HistoryOrderGetString(ticket,ORDER_COMMENT);
  }

string BwTifOf(const long timeType)
  {
   if(timeType==ORDER_TIME_GTC)
      return("gtc");
   return(timeType==ORDER_TIME_DAY ? "day" : "specified");
  }

// When the order ends by itself, server ms; 0 for never. A day order ends with the server's day.
long BwExpiryOf(const BwOrder &o)
  {
   if(o.timeType==ORDER_TIME_GTC)
      return(0);
   if(o.expiration>0)
      return(o.expiration*1000);
   return((o.placedMs/86400000+1)*86400000);
  }

void BwKeyInstantOrNull(BwBytes &b,const string name,const long atMs)
  {
   if(atMs==0)
      BwKeyNull(b,name);
   else
      BwKeyInt(b,name,atMs);
  }

void BwPutOrder(BwBytes &b,const BwOrder &o)
  {
   const int digits=BwDigitsOf(o.symbol);
   BwOpen(b,'{');
   BwKeyText(b,"comment",o.comment);
   BwKeyInstantOrNull(b,"doneAtMs",o.doneMs);
   BwKeyInstantOrNull(b,"expiresAtMs",BwExpiryOf(o));
   BwKeyLots(b,"filled",o.volume-o.left);
   BwKeyText(b,"kind",BwKindOfOrder(o.type));
   BwKeyTicket(b,"magic",o.magic);
   BwKeyInt(b,"placedAtMs",o.placedMs);
   BwKeyTicketOrNull(b,"positionTicket",o.position);
   BwKeyDecimal(b,"price",o.price,digits);
   BwKeyText(b,"side",BwSideOfOrder(o.type));
   BwKeyText(b,"state",BwStateOfOrder(o.state));
   const bool waits=(BwKindOfOrder(o.type)=="stopLimit");
   BwKeyLevel(b,"stopLimitPrice",waits ? o.stopLimit : 0.0,digits);
   BwKeyLevel(b,"stopLoss",o.stopLoss,digits);
   BwKeyText(b,"symbol",o.symbol);
   BwKeyLevel(b,"takeProfit",o.takeProfit,digits);
   BwKeyTicket(b,"ticket",o.ticket);
   BwKeyText(b,"tif",BwTifOf(o.timeType));
   BwKeyLots(b,"volume",o.volume);
   BwClose(b,'}');
  }

bool BwIsTradeDeal(const long type)
  {
   return(type==DEAL_TYPE_BUY || type==DEAL_TYPE_SELL);
  }

// A reversal on a netting account closes and opens in one deal; it carries the realised profit, so
// it is told as a closing one, and the position that remains is told by itself.
string BwEntryOfDeal(const ulong ticket)
  {
   if(!BwIsTradeDeal(HistoryDealGetInteger(ticket,DEAL_TYPE)))
      return("balance");
   return(HistoryDealGetInteger(ticket,DEAL_ENTRY)==DEAL_ENTRY_IN ? "in" : "out");
  }

// What kind of money moved without a trade; "" for a trade. A kind that is not known here, and the
// cancelling of an old deal, is a correction by the broker.
string BwOperationOfDeal(const ulong ticket)
  {
   const long type=HistoryDealGetInteger(ticket,DEAL_TYPE);
   if(BwIsTradeDeal(type))
      return("");
   if(type==DEAL_TYPE_BALANCE)
      return("balance");
   if(type==DEAL_TYPE_CREDIT)
      return("credit");
   if(type==DEAL_TYPE_CHARGE)
      return("charge");
   if(type==DEAL_TYPE_BONUS)
      return("bonus");
   if(type==DEAL_TYPE_COMMISSION || type==DEAL_TYPE_COMMISSION_DAILY || type==DEAL_TYPE_COMMISSION_MONTHLY ||
      type==DEAL_TYPE_COMMISSION_AGENT_DAILY || type==DEAL_TYPE_COMMISSION_AGENT_MONTHLY)
      return("commission");
   if(type==DEAL_TYPE_INTEREST)
      return("interest");
   if(type==DEAL_DIVIDEND || type==DEAL_DIVIDEND_FRANKED)
      return("dividend");
   if(type==DEAL_TAX)
      return("tax");
   return("correction");
  }

string BwReasonOfDeal(const ulong ticket)
  {
   if(!BwIsTradeDeal(HistoryDealGetInteger(ticket,DEAL_TYPE)))
      return("balance");
   const long reason=HistoryDealGetInteger(ticket,DEAL_REASON);
   if(reason==DEAL_REASON_EXPERT)
      return("expert");
   if(reason==DEAL_REASON_SL)
      return("sl");
   if(reason==DEAL_REASON_TP)
      return("tp");
   if(reason==DEAL_REASON_SO)
      return("stopOut");
   if(reason==DEAL_REASON_ROLLOVER || reason==DEAL_REASON_VMARGIN || reason==DEAL_REASON_SPLIT)
      return("rollover");
   return("client");
  }

// A deal of the selected history. The exchange's fee is a commission by another name.
void BwPutDeal(BwBytes &b,const ulong ticket)
  {
   const string symbol=HistoryDealGetString(ticket,DEAL_SYMBOL);
   const int digits=BwDigitsOf(symbol);
   const bool sell=(HistoryDealGetInteger(ticket,DEAL_TYPE)==DEAL_TYPE_SELL);
   const double commission=HistoryDealGetDouble(ticket,DEAL_COMMISSION)+HistoryDealGetDouble(ticket,DEAL_FEE);
   BwOpen(b,'{');
   BwKeyInt(b,"atMs",HistoryDealGetInteger(ticket,DEAL_TIME_MSC));
   BwKeyText(b,"comment",HistoryDealGetString(ticket,DEAL_COMMENT));
   BwKeyMoney(b,"commission",commission);
   BwKeyText(b,"entry",BwEntryOfDeal(ticket));
   BwKeyTicket(b,"magic",(ulong)HistoryDealGetInteger(ticket,DEAL_MAGIC));
   const string operation=BwOperationOfDeal(ticket);
   if(operation=="")
      BwKeyNull(b,"operation");
   else
      BwKeyText(b,"operation",operation);
   BwKeyTicket(b,"orderTicket",(ulong)HistoryDealGetInteger(ticket,DEAL_ORDER));
   BwKeyTicket(b,"positionTicket",(ulong)HistoryDealGetInteger(ticket,DEAL_POSITION_ID));
   BwKeyDecimal(b,"price",HistoryDealGetDouble(ticket,DEAL_PRICE),digits);
   BwKeyMoney(b,"profit",HistoryDealGetDouble(ticket,DEAL_PROFIT));
   BwKeyText(b,"reason",BwReasonOfDeal(ticket));
   BwKeyText(b,"side",sell ? "sell" : "buy");
   BwKeyMoney(b,"swap",HistoryDealGetDouble(ticket,DEAL_SWAP));
   BwKeyText(b,"symbol",symbol);
   BwKeyTicket(b,"ticket",ticket);
   BwKeyLots(b,"volume",HistoryDealGetDouble(ticket,DEAL_VOLUME));
   BwClose(b,'}');
  }

void BwPutResult(BwBytes &b,const BwAttempt &a)
  {
   BwOpen(b,'{');
   BwKeyInt(b,"attempt",a.attempt);
   BwKeyText(b,"comment",a.comment);
   BwKeyTicketOrNull(b,"deal",a.deal);
   BwKeyText(b,"intent",a.intent);
   BwKeyTicketOrNull(b,"order",a.order);
   if(a.price=="")
      BwKeyNull(b,"price");
   else
      BwKeyText(b,"price",a.price);
   BwKeyInt(b,"retcode",a.retcode);
   if(a.volume=="")
      BwKeyNull(b,"volume");
   else
      BwKeyText(b,"volume",a.volume);
   BwClose(b,'}');
  }

#endif
