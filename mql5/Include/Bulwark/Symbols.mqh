// The symbols that this EA answers for, and their specification in the words of the wire.
#ifndef BULWARK_SYMBOLS_MQH
#define BULWARK_SYMBOLS_MQH

#include "JsonWrite.mqh"
#include "Clock.mqh"
#include "Log.mqh"

// Digits of a symbol that the terminal does not know any more: enough for any price.
#define BW_GONE_DIGITS 8

struct BwSymbols
  {
   string            names[BW_SYMBOLS];
   int               count;
  };

BwSymbols g_bwSymbols;

int BwSymbolIndex(const string symbol)
  {
   for(int i=0; i<g_bwSymbols.count; i++)
      if(g_bwSymbols.names[i]==symbol)
         return(i);
   return(-1);
  }

bool BwSymbolExists(const string symbol)
  {
   bool custom=false;
   return(symbol!="" && SymbolExist(symbol,custom));
  }

// Brings a symbol into the Market Watch and the list. False when the terminal does not have it.
bool BwSymbolAdd(const string symbol)
  {
   if(BwSymbolIndex(symbol)>=0)
      return(true);
   if(g_bwSymbols.count>=BW_SYMBOLS || !BwSymbolExists(symbol) || !SymbolSelect(symbol,true))
      return(false);
   g_bwSymbols.names[g_bwSymbols.count]=symbol;
   g_bwSymbols.count++;
   return(true);
  }

// The operator's list, or the Market Watch where it is empty. False names what is missing.
bool BwSymbolsSetup(const string list,string &missing)
  {
   g_bwSymbols.count=0;
   missing="";
   if(BwTrim(list)=="")
     {
      const int watched=SymbolsTotal(true);
      for(int i=0; i<watched && i<BW_SYMBOLS; i++)
         BwSymbolAdd(SymbolName(i,true));
      return(true);
     }
   string items[];
   const int count=StringSplit(list,(ushort)',',items);
   for(int i=0; i<count; i++)
     {
      const string symbol=BwTrim(items[i]);
      if(symbol!="" && !BwSymbolAdd(symbol))
         missing=symbol;
     }
   return(missing=="");
  }

int BwDigitsOf(const string symbol)
  {
   if(symbol=="")
      return(0);
   if(!BwSymbolExists(symbol))
      return(BW_GONE_DIGITS);
   return((int)SymbolInfoInteger(symbol,SYMBOL_DIGITS));
  }

double BwPointOf(const string symbol)
  {
   return(SymbolInfoDouble(symbol,SYMBOL_POINT));
  }

// Whole points of a price; exact for every price the symbol can have.
long BwPointsOf(const double price,const int digits)
  {
   return(BwScaled(price,digits));
  }

string BwTradeModeOf(const string symbol)
  {
   const long mode=SymbolInfoInteger(symbol,SYMBOL_TRADE_MODE);
   if(mode==SYMBOL_TRADE_MODE_FULL)
      return("full");
   if(mode==SYMBOL_TRADE_MODE_LONGONLY)
      return("longOnly");
   if(mode==SYMBOL_TRADE_MODE_SHORTONLY)
      return("shortOnly");
   if(mode==SYMBOL_TRADE_MODE_CLOSEONLY)
      return("closeOnly");
   return("disabled");
  }

void BwPutItem(BwBytes &b,const string text)
  {
   BwComma(b);
   BwPutQuoted(b,text);
  }

// RETURN has no flag: it is there for every execution but Market.
void BwPutFillings(BwBytes &b,const string symbol)
  {
   const long flags=SymbolInfoInteger(symbol,SYMBOL_FILLING_MODE);
   const long execution=SymbolInfoInteger(symbol,SYMBOL_TRADE_EXEMODE);
   BwOpenKey(b,"fillingModes",'[');
   if((flags & SYMBOL_FILLING_FOK)!=0)
      BwPutItem(b,"fok");
   if((flags & SYMBOL_FILLING_IOC)!=0)
      BwPutItem(b,"ioc");
   if(execution!=SYMBOL_TRADE_EXECUTION_MARKET)
      BwPutItem(b,"return");
   BwClose(b,']');
  }

// Seconds of the server's day; the terminal may write the end of the day as 0 or beyond it.
bool BwHours(const string symbol,const int weekday,const int index,long &from,long &to)
  {
   datetime opens=0;
   datetime closes=0;
   if(!SymbolInfoSessionTrade(symbol,(ENUM_DAY_OF_WEEK)weekday,(uint)index,opens,closes))
      return(false);
   from=(long)opens;
   to=(long)closes;
   if(to==0)
      to=86400;
   return(true);
  }

#define BW_SESSIONS_A_DAY 16

void BwPutSessions(BwBytes &b,const string name,const string symbol)
  {
   BwOpenKey(b,name,'[');
   for(int day=0; day<7; day++)
      for(int i=0; i<BW_SESSIONS_A_DAY; i++)
        {
         long from=0;
         long to=0;
         if(!BwHours(symbol,day,i,from,to))
            break;
         if(from>=to)
            continue;
         BwOpen(b,'{');
         BwKeyInt(b,"fromSec",from);
         BwKeyInt(b,"toSec",to);
         BwKeyInt(b,"weekday",day);
         BwClose(b,'}');
        }
   BwClose(b,']');
  }

// Inside one of the hours of a weekday. `second` is beyond a day for hours that run over midnight.
bool BwInHours(const string symbol,const int weekday,const long second)
  {
   for(int i=0; i<BW_SESSIONS_A_DAY; i++)
     {
      long from=0;
      long to=0;
      if(!BwHours(symbol,weekday,i,from,to))
         return(false);
      if(second>=from && second<to)
         return(true);
     }
   return(false);
  }

bool BwHasHours(const string symbol)
  {
   for(int day=0; day<7; day++)
     {
      long from=0;
      long to=0;
      if(BwHours(symbol,day,0,from,to))
         return(true);
     }
   return(false);
  }

// True while the symbol can be traded by its own hours. A broker that states none states no closing
// either: then nothing may be left open because of it.
bool BwIsOpen(const string symbol)
  {
   const long now=(long)TimeTradeServer();
   const long second=now%86400;
   // Day 0 of the epoch was a Thursday.
   const int weekday=(int)((now/86400+4)%7);
   return(BwInHours(symbol,weekday,second) || BwInHours(symbol,(weekday+6)%7,second+86400) ||
          !BwHasHours(symbol));
  }

// Points per lot and night. Swaps in other units (interest, currency) are not points and are told
// as 0: the runtime then knows them from the deals only.
double BwSwapOf(const string symbol,const ENUM_SYMBOL_INFO_DOUBLE side)
  {
   if(SymbolInfoInteger(symbol,SYMBOL_SWAP_MODE)!=SYMBOL_SWAP_MODE_POINTS)
      return(0.0);
   return(SymbolInfoDouble(symbol,side));
  }

long BwTickSizePoints(const string symbol)
  {
   const double point=BwPointOf(symbol);
   if(point<=0.0)
      return(1);
   const long steps=(long)MathRound(SymbolInfoDouble(symbol,SYMBOL_TRADE_TICK_SIZE)/point);
   return(steps<1 ? 1 : steps);
  }

void BwPutQuote(BwBytes &b,const string symbol,const int digits)
  {
   MqlTick tick;
   ZeroMemory(tick);
   const bool known=SymbolInfoTick(symbol,tick) && tick.bid>0.0 && tick.ask>0.0;
   BwKeyLevel(b,"ask",known ? tick.ask : 0.0,digits);
   BwKeyLevel(b,"bid",known ? tick.bid : 0.0,digits);
  }

// A symbol that old deals name and the broker has taken away.
void BwPutGoneSymbol(BwBytes &b,const string symbol)
  {
   BwOpen(b,'{');
   BwKeyNull(b,"ask");
   BwKeyText(b,"baseCurrency","");
   BwKeyNull(b,"bid");
   BwKeyNull(b,"commissionPerLot");
   BwKeyInt(b,"contractSize",1);
   BwKeyInt(b,"digits",BW_GONE_DIGITS);
   BwOpenKey(b,"fillingModes",'[');
   BwClose(b,']');
   BwKeyInt(b,"freezeLevelPoints",0);
   BwKeyText(b,"quoteCurrency","");
   BwOpenKey(b,"sessions",'[');
   BwClose(b,']');
   BwKeyInt(b,"stopsLevelPoints",0);
   BwKeyInt(b,"swapLongPoints",0);
   BwKeyInt(b,"swapShortPoints",0);
   BwKeyInt(b,"swapTripleWeekday",3);
   BwKeyText(b,"symbol",symbol);
   BwKeyInt(b,"tickSizePoints",1);
   BwKeyText(b,"tradeMode","disabled");
   BwKeyText(b,"volumeMax","1");
   BwKeyText(b,"volumeMin","1");
   BwKeyText(b,"volumeStep","1");
   BwClose(b,'}');
  }

// Everything of a symbol that does not move with the market.
void BwPutSpecification(BwBytes &b,const string symbol)
  {
   BwKeyText(b,"baseCurrency",SymbolInfoString(symbol,SYMBOL_CURRENCY_BASE));
   // MetaTrader does not tell a commission; the runtime has it from its configuration.
   BwKeyNull(b,"commissionPerLot");
   BwKeyReal(b,"contractSize",SymbolInfoDouble(symbol,SYMBOL_TRADE_CONTRACT_SIZE));
   BwKeyInt(b,"digits",BwDigitsOf(symbol));
   BwPutFillings(b,symbol);
   BwKeyInt(b,"freezeLevelPoints",SymbolInfoInteger(symbol,SYMBOL_TRADE_FREEZE_LEVEL));
   BwKeyText(b,"quoteCurrency",SymbolInfoString(symbol,SYMBOL_CURRENCY_PROFIT));
   BwPutSessions(b,"sessions",symbol);
   BwKeyInt(b,"stopsLevelPoints",SymbolInfoInteger(symbol,SYMBOL_TRADE_STOPS_LEVEL));
   BwKeyReal(b,"swapLongPoints",BwSwapOf(symbol,SYMBOL_SWAP_LONG));
   BwKeyReal(b,"swapShortPoints",BwSwapOf(symbol,SYMBOL_SWAP_SHORT));
   BwKeyInt(b,"swapTripleWeekday",SymbolInfoInteger(symbol,SYMBOL_SWAP_ROLLOVER3DAYS));
   BwKeyText(b,"symbol",symbol);
   BwKeyInt(b,"tickSizePoints",BwTickSizePoints(symbol));
   BwKeyText(b,"tradeMode",BwTradeModeOf(symbol));
   BwKeyLots(b,"volumeMax",SymbolInfoDouble(symbol,SYMBOL_VOLUME_MAX));
   BwKeyLots(b,"volumeMin",SymbolInfoDouble(symbol,SYMBOL_VOLUME_MIN));
   BwKeyLots(b,"volumeStep",SymbolInfoDouble(symbol,SYMBOL_VOLUME_STEP));
  }

void BwPutSymbol(BwBytes &b,const string symbol)
  {
   if(!BwSymbolExists(symbol))
     {
      BwPutGoneSymbol(b,symbol);
      return;
     }
   BwOpen(b,'{');
   BwPutQuote(b,symbol,BwDigitsOf(symbol));
   BwPutSpecification(b,symbol);
   BwClose(b,'}');
  }

#endif
