// Ticks without loss: OnTick skips some, so they are copied from the terminal's own store since the
// last one told. Several may share a millisecond, so the cursor is a time and a count.
#ifndef BULWARK_TICKS_MQH
#define BULWARK_TICKS_MQH

#include "Symbols.mqh"
#include "DeadMan.mqh"
#include "TickBatch.mqh"

#define BW_TICKS_ALWAYS_MS 250

// Subscribed symbols and how far each of them was told.
struct BwFeed
  {
   string            names[BW_SYMBOLS];
   int               digits[BW_SYMBOLS];
   long              lastMsc[BW_SYMBOLS];
   int               toldAtLast[BW_SYMBOLS];
   ulong             arrivedMs[BW_SYMBOLS];
   bool              primed[BW_SYMBOLS];
   int               count;
   long              batch;
   long              total;
   ulong             allMs;
   bool              gap;
  };

// Ticks of one batch before they are put in order; `run` is where each symbol's ticks begin.
struct BwBatch
  {
   int               symbol[];
   long              msc[];
   long              bid[];
   long              ask[];
   int               count;
  };

BwFeed g_bwFeed;
BwBatch g_bwBatch;

void BwFeedReset()
  {
   g_bwFeed.count=0;
   g_bwFeed.batch=0;
   g_bwFeed.total=0;
   g_bwFeed.allMs=0;
   g_bwFeed.gap=false;
  }

int BwFeedIndex(const string symbol)
  {
   for(int i=0; i<g_bwFeed.count; i++)
      if(g_bwFeed.names[i]==symbol)
         return(i);
   return(-1);
  }

bool BwFeedAdd(const string symbol)
  {
   if(BwFeedIndex(symbol)>=0)
      return(true);
   if(g_bwFeed.count>=BW_SYMBOLS || !BwSymbolAdd(symbol))
      return(false);
   const int at=g_bwFeed.count;
   g_bwFeed.names[at]=symbol;
   g_bwFeed.digits[at]=BwDigitsOf(symbol);
   g_bwFeed.lastMsc[at]=0;
   g_bwFeed.toldAtLast[at]=0;
   g_bwFeed.arrivedMs[at]=BwMono();
   g_bwFeed.primed[at]=false;
   g_bwFeed.count++;
   return(true);
  }

bool BwSubscribed(const string symbol)
  {
   int item=BwItemsIn(0,"symbols");
   while(item>=0)
     {
      if(BwTextIn(item,"symbol")==symbol)
         return(true);
      item=BwNextItem(0,"symbols",item);
     }
   return(false);
  }

void BwFeedDropOthers()
  {
   int kept=0;
   for(int i=0; i<g_bwFeed.count; i++)
     {
      if(!BwSubscribed(g_bwFeed.names[i]))
         continue;
      g_bwFeed.names[kept]=g_bwFeed.names[i];
      g_bwFeed.digits[kept]=g_bwFeed.digits[i];
      g_bwFeed.lastMsc[kept]=g_bwFeed.lastMsc[i];
      g_bwFeed.toldAtLast[kept]=g_bwFeed.toldAtLast[i];
      g_bwFeed.arrivedMs[kept]=g_bwFeed.arrivedMs[i];
      g_bwFeed.primed[kept]=g_bwFeed.primed[i];
      kept++;
     }
   g_bwFeed.count=kept;
  }

// The list replaces the one before; symbols that stay keep their place.
void BwOnSubscribe()
  {
   int item=BwItemsIn(0,"symbols");
   while(item>=0)
     {
      BwTextIn(item,"symbol");
      BwBoolIn(item,"wakeOnTick");
      BwTextOrNullIn(item,"wakeOnBar");
      item=BwNextItem(0,"symbols",item);
     }
   if(g_bwHeard.bad!="")
      return;
   BwFeedDropOthers();
   item=BwItemsIn(0,"symbols");
   while(item>=0)
     {
      const string symbol=BwTextIn(item,"symbol");
      if(!BwFeedAdd(symbol))
         BwSayError("not_found","symbol "+symbol);
      item=BwNextItem(0,"symbols",item);
     }
  }

// Begins with the next tick: what was there before the subscription is history.
void BwFeedPrime(const int at)
  {
   MqlTick tick;
   ZeroMemory(tick);
   if(!SymbolInfoTick(g_bwFeed.names[at],tick))
      return;
   MqlTick ticks[];
   BwBusy("CopyTicks");
   const int copied=CopyTicks(g_bwFeed.names[at],ticks,COPY_TICKS_INFO,(ulong)tick.time_msc,BW_TICKS_PER_COPY);
   BwReady();
   if(copied<0)
      return;
   int same=0;
   for(int i=0; i<copied; i++)
      if(ticks[i].time_msc==tick.time_msc)
         same++;
   g_bwFeed.lastMsc[at]=tick.time_msc;
   g_bwFeed.toldAtLast[at]=same;
   const long age=BwServerMs()-tick.time_msc;
   const ulong now=BwMono();
   g_bwFeed.arrivedMs[at]=(age>0 && (ulong)age<now) ? now-(ulong)age : now;
   g_bwFeed.primed[at]=true;
  }

void BwBatchAdd(const int symbol,const MqlTick &tick)
  {
   const int at=g_bwBatch.count;
   if(at>=ArraySize(g_bwBatch.msc))
     {
      const int grown=at+1024;
      ArrayResize(g_bwBatch.symbol,grown);
      ArrayResize(g_bwBatch.msc,grown);
      ArrayResize(g_bwBatch.bid,grown);
      ArrayResize(g_bwBatch.ask,grown);
     }
   g_bwBatch.symbol[at]=symbol;
   g_bwBatch.msc[at]=tick.time_msc;
   g_bwBatch.bid[at]=BwPointsOf(tick.bid,g_bwFeed.digits[symbol]);
   g_bwBatch.ask[at]=BwPointsOf(tick.ask,g_bwFeed.digits[symbol]);
   g_bwBatch.count++;
  }

// Ticks of one symbol since its cursor.
void BwFeedCopy(const int at)
  {
   MqlTick ticks[];
   const int copied=CopyTicks(g_bwFeed.names[at],ticks,COPY_TICKS_INFO,(ulong)g_bwFeed.lastMsc[at],
                              BW_TICKS_PER_COPY);
   if(copied<0)
     {
      // They are copied the next time, from where this copy would have begun.
      BwLog(BW_LOG_DEBUG,"CopyTicks "+g_bwFeed.names[at]+": "+IntegerToString(GetLastError()));
      return;
     }
   int skip=g_bwFeed.toldAtLast[at];
   // The store was read to this very tick; if it is not there any more, others may be missing too.
   if(copied>0 && skip>0 && ticks[0].time_msc>g_bwFeed.lastMsc[at])
     {
      g_bwFeed.gap=true;
      BwSayNotice("ticks.lost","warning",g_bwFeed.names[at]);
     }
   for(int i=0; i<copied; i++)
     {
      if(ticks[i].time_msc<g_bwFeed.lastMsc[at])
         continue;
      if(ticks[i].time_msc==g_bwFeed.lastMsc[at] && skip>0)
        {
         skip--;
         continue;
        }
      if(ticks[i].time_msc>g_bwFeed.lastMsc[at])
        {
         skip=0;
         g_bwFeed.lastMsc[at]=ticks[i].time_msc;
         g_bwFeed.toldAtLast[at]=0;
        }
      g_bwFeed.toldAtLast[at]++;
      g_bwFeed.arrivedMs[at]=BwMono();
      if(ticks[i].bid>0.0 && ticks[i].ask>0.0)
         BwBatchAdd(at,ticks[i]);
     }
  }

bool BwFeedHasNews(const int at)
  {
   MqlTick tick;
   ZeroMemory(tick);
   return(SymbolInfoTick(g_bwFeed.names[at],tick) && tick.time_msc>g_bwFeed.lastMsc[at]);
  }

// Layout 1: header, names, then ticks in ascending time. Each symbol's own ticks are in order, so
// the earliest head of all symbols is always next.
void BwPutBatch(BwBytes &b)
  {
   int order[];
   ArrayResize(order,g_bwBatch.count);
   for(int i=0; i<g_bwBatch.count; i++)
     {
      int at=i;
      while(at>0 && g_bwBatch.msc[order[at-1]]>g_bwBatch.msc[i])
        {
         order[at]=order[at-1];
         at--;
        }
      order[at]=i;
     }
   BwPutTickHead(b,g_bwFeed.count,g_bwBatch.count);
   for(int i=0; i<g_bwFeed.count; i++)
      BwPutTickName(b,g_bwFeed.names[i]);
   for(int i=0; i<g_bwBatch.count; i++)
     {
      const int at=order[i];
      BwPutTick(b,g_bwBatch.symbol[at],g_bwBatch.msc[at],g_bwBatch.bid[at],g_bwBatch.ask[at]);
     }
  }

void BwSayTicks()
  {
   BwBytes frame;
   BwClear(frame);
   BwPutBatch(frame);
   g_bwFeed.batch++;
   g_bwFeed.total+=g_bwBatch.count;
   g_bwCounters.ticks+=g_bwBatch.count;
   BwSay("ticks");
   BwKeyInt(g_bwMessage,"batch",g_bwFeed.batch);
   BwKeyBool(g_bwMessage,"complete",!g_bwFeed.gap);
   BwKeyInt(g_bwMessage,"ticksTotal",g_bwFeed.total);
   BwSaidWith(frame,true);
   g_bwFeed.gap=false;
  }

// Every event: what is new since the last one. A second tick of the same millisecond does not show
// in SymbolInfoTick, so now and then everything is copied.
void BwFeedPump()
  {
   if(!BwWelcomed() || !g_bwSession.active || g_bwFeed.count==0)
      return;
   const ulong now=BwRunMs();
   const bool all=(now-g_bwFeed.allMs>=BW_TICKS_ALWAYS_MS);
   if(all)
      g_bwFeed.allMs=now;
   g_bwBatch.count=0;
   for(int i=0; i<g_bwFeed.count && g_bwBatch.count<BW_TICKS_PER_EVENT; i++)
      if(!g_bwFeed.primed[i])
         BwFeedPrime(i);
      else
         if(all || BwFeedHasNews(i))
            BwFeedCopy(i);
   if(g_bwBatch.count>0)
      BwSayTicks();
  }

#endif
