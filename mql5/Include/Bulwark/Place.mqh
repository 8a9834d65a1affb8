// A new order: what the message says, whether it can be one, and the request for the server.
#ifndef BULWARK_PLACE_MQH
#define BULWARK_PLACE_MQH

#include "Requests.mqh"
#include "Heard.mqh"

// Fields of `order.place` and `order.check`; levels as text until the symbol's digits are known.
struct BwPlace
  {
   string            symbol;
   bool              buy;
   string            type;
   string            volume;
   string            price;
   string            stopLimit;
   string            stopLoss;
   string            takeProfit;
   long              deviation;
   ulong             magic;
   string            filling;
   string            tif;
   bool              expires;
   long              expiresAtMs;
   string            comment;
  };

void BwReadPlace(BwPlace &p)
  {
   p.symbol=BwTextIn(0,"symbol");
   p.buy=(BwOneOfIn(0,"side","buy|sell")=="buy");
   p.type=BwOneOfIn(0,"type","market|limit|stop|stopLimit");
   p.volume=BwDecimalIn(0,"volume");
   p.price=BwDecimalIn(0,"price");
   p.stopLimit=BwDecimalOrNullIn(0,"stopLimitPrice");
   p.stopLoss=BwDecimalIn(0,"stopLoss");
   p.takeProfit=BwDecimalOrNullIn(0,"takeProfit");
   p.deviation=BwCountIn(0,"deviationPoints");
   p.magic=BwTicketIn(0,"magic");
   p.filling=BwOneOfIn(0,"filling","fok|ioc|return");
   p.tif=BwOneOfIn(0,"tif","gtc|day|specified");
   p.expires=!BwIsNull(0,"expiresAtMs");
   p.expiresAtMs=p.expires ? BwIntIn(0,"expiresAtMs") : 0;
   p.comment=BwTextIn(0,"comment");
  }

// A price level at the symbol's digits. Empty and 0 mean none. False: finer than the symbol.
bool BwLevel(const string text,const int digits,double &level)
  {
   level=0.0;
   if(text=="")
      return(true);
   long points=0;
   if(!BwParseScaled(text,digits,points) || points<0)
      return(false);
   level=BwUnscaled(points,digits);
   return(true);
  }

bool BwLots(const string text,double &lots)
  {
   long units=0;
   lots=0.0;
   if(!BwParseScaled(text,BW_LOT_DIGITS,units) || units<=0)
      return(false);
   lots=BwUnscaled(units,BW_LOT_DIGITS);
   return(true);
  }

ENUM_ORDER_TYPE BwOrderType(const string type,const bool buy)
  {
   if(type=="limit")
      return(buy ? ORDER_TYPE_BUY_LIMIT : ORDER_TYPE_SELL_LIMIT);
   if(type=="stop")
      return(buy ? ORDER_TYPE_BUY_STOP : ORDER_TYPE_SELL_STOP);
   if(type=="stopLimit")
      return(buy ? ORDER_TYPE_BUY_STOP_LIMIT : ORDER_TYPE_SELL_STOP_LIMIT);
   return(buy ? ORDER_TYPE_BUY : ORDER_TYPE_SELL);
  }

ENUM_ORDER_TYPE_TIME BwOrderTime(const string tif)
  {
   if(tif=="day")
      return(ORDER_TIME_DAY);
   return(tif=="specified" ? ORDER_TIME_SPECIFIED : ORDER_TIME_GTC);
  }

// The order as a request, or the reason why it cannot be one: one of the ack's reasons.
string BwBuildPlace(const BwPlace &p,MqlTradeRequest &request)
  {
   ZeroMemory(request);
   if(!BwSymbolAdd(p.symbol))
      return("unknown_symbol");
   const int digits=BwDigitsOf(p.symbol);
   const bool market=(p.type=="market");
   double price=0.0;
   double limitPrice=0.0;
   double stopLoss=0.0;
   double takeProfit=0.0;
   double lots=0.0;
   const bool read=BwLevel(p.price,digits,price) && BwLevel(p.stopLimit,digits,limitPrice) &&
                   BwLevel(p.stopLoss,digits,stopLoss) && BwLevel(p.takeProfit,digits,takeProfit) &&
                   BwLots(p.volume,lots);
   if(!read || (p.type=="stopLimit")!=(limitPrice>0.0) || (p.tif=="specified")!=p.expires)
      return("malformed");
   if(stopLoss==0.0)
      return("no_stop");
   request.action=market ? TRADE_ACTION_DEAL : TRADE_ACTION_PENDING;
   request.magic=p.magic;
   request.symbol=p.symbol;
   request.volume=lots;
   request.price=price;
   request.stoplimit=limitPrice;
   request.sl=stopLoss;
   request.tp=takeProfit;
   request.deviation=(ulong)p.deviation;
   request.type=BwOrderType(p.type,p.buy);
   request.type_filling=BwFillingNamed(p.filling);
   request.type_time=BwOrderTime(p.tif);
   request.expiration=(datetime)(p.expires ? p.expiresAtMs/1000 : 0);
   request.comment=StringSubstr(p.comment,0,BW_COMMENT_CHARS);
   // With market execution the server ignores the price; what the account pays is the quote of now.
   const bool quoted=(SymbolInfoInteger(p.symbol,SYMBOL_TRADE_EXEMODE)==SYMBOL_TRADE_EXECUTION_MARKET);
   if(market && quoted)
      request.price=BwMarketPrice(p.symbol,p.buy);
   return("");
  }

int BwCheckTradeMode(const string symbol,const bool buy)
  {
   const long mode=SymbolInfoInteger(symbol,SYMBOL_TRADE_MODE);
   if(mode==SYMBOL_TRADE_MODE_DISABLED)
      return(BW_RET_TRADE_DISABLED);
   if(mode==SYMBOL_TRADE_MODE_CLOSEONLY)
      return(BW_RET_CLOSE_ONLY);
   if(mode==SYMBOL_TRADE_MODE_LONGONLY && !buy)
      return(BW_RET_LONG_ONLY);
   if(mode==SYMBOL_TRADE_MODE_SHORTONLY && buy)
      return(BW_RET_SHORT_ONLY);
   return(0);
  }

int BwCheckVolume(const string symbol,const double lots)
  {
   const long units=BwScaled(lots,BW_LOT_DIGITS);
   const long least=BwScaled(SymbolInfoDouble(symbol,SYMBOL_VOLUME_MIN),BW_LOT_DIGITS);
   const long most=BwScaled(SymbolInfoDouble(symbol,SYMBOL_VOLUME_MAX),BW_LOT_DIGITS);
   const long step=BwScaled(SymbolInfoDouble(symbol,SYMBOL_VOLUME_STEP),BW_LOT_DIGITS);
   if(units<least || units>most || (step>0 && units%step!=0))
      return(BW_RET_INVALID_VOLUME);
   return(0);
  }

int BwCheckFilling(const string symbol,const ENUM_ORDER_TYPE_FILLING filling,const bool market)
  {
   const long flags=SymbolInfoInteger(symbol,SYMBOL_FILLING_MODE);
   if(filling==ORDER_FILLING_FOK)
      return((flags & SYMBOL_FILLING_FOK)!=0 ? 0 : BW_RET_INVALID_FILL);
   if(filling==ORDER_FILLING_IOC)
      return((flags & SYMBOL_FILLING_IOC)!=0 ? 0 : BW_RET_INVALID_FILL);
   const bool exact=(SymbolInfoInteger(symbol,SYMBOL_TRADE_EXEMODE)==SYMBOL_TRADE_EXECUTION_MARKET);
   return(market && exact ? BW_RET_INVALID_FILL : 0);
  }

// Distance in points from where a position would be closed; it must be on the right side and at
// least the stops level.
bool BwFarEnough(const double from,const double level,const bool above,const string symbol)
  {
   if(level==0.0)
      return(true);
   const int digits=BwDigitsOf(symbol);
   const long distance=above ? BwPointsOf(level,digits)-BwPointsOf(from,digits)
                       : BwPointsOf(from,digits)-BwPointsOf(level,digits);
   return(distance>0 && distance>=SymbolInfoInteger(symbol,SYMBOL_TRADE_STOPS_LEVEL));
  }

int BwCheckStops(const MqlTradeRequest &request,const bool buy)
  {
   double from=request.price;
   if(request.action==TRADE_ACTION_DEAL)
      from=BwMarketPrice(request.symbol,!buy);
   if(request.stoplimit>0.0)
      from=request.stoplimit;
   if(from==0.0)
      return(0);
   const bool fine=BwFarEnough(from,request.sl,!buy,request.symbol) &&
                   BwFarEnough(from,request.tp,buy,request.symbol);
   return(fine ? 0 : BW_RET_INVALID_STOPS);
  }

// What the server would refuse anyway is not sent: refusals burn the account's request budget.
// The retcode that it would answer with, or 0.
int BwCheckPlace(const MqlTradeRequest &request,const bool buy)
  {
   int refusal=BwCheckTradeMode(request.symbol,buy);
   if(refusal==0)
      refusal=BwCheckVolume(request.symbol,request.volume);
   if(refusal==0)
      refusal=BwCheckFilling(request.symbol,request.type_filling,request.action==TRADE_ACTION_DEAL);
   if(refusal==0 && BwIsOpen(request.symbol))
      refusal=BwCheckStops(request,buy);
   return(refusal);
  }

// `order.check`: asks the terminal's own rules, and changes nothing.
void BwOnOrderCheck()
  {
   BwPlace place;
   BwReadPlace(place);
   if(g_bwHeard.bad!="")
      return;
   MqlTradeRequest request;
   MqlTradeCheckResult checked;
   ZeroMemory(checked);
   const string reason=BwBuildPlace(place,request);
   long retcode=BW_RET_INVALID;
   if(reason=="")
     {
      retcode=BwCheckPlace(request,place.buy);
      if(retcode==0 && !OrderCheck(request,checked))
         retcode=(checked.retcode==0) ? BW_RET_ERROR : (long)checked.retcode;
     }
   if(retcode!=0 || checked.margin_free==0.0)
     {
      checked.margin=AccountInfoDouble(ACCOUNT_MARGIN);
      checked.margin_free=AccountInfoDouble(ACCOUNT_MARGIN_FREE);
     }
   BwSay("order.checked");
   BwKeyInt(g_bwMessage,"retcode",retcode);
   BwKeyMoney(g_bwMessage,"balance",AccountInfoDouble(ACCOUNT_BALANCE));
   BwKeyMoney(g_bwMessage,"equity",AccountInfoDouble(ACCOUNT_EQUITY));
   BwKeyMoney(g_bwMessage,"profit",AccountInfoDouble(ACCOUNT_PROFIT));
   BwKeyMoney(g_bwMessage,"margin",checked.margin);
   BwKeyMoney(g_bwMessage,"marginFree",checked.margin_free);
   BwKeyText(g_bwMessage,"comment",reason=="" ? StringSubstr(checked.comment,0,64) : reason);
   BwSaid();
  }

#endif
