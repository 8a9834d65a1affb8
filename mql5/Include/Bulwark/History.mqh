// Bars and ticks of the past, in chunks, one chunk per event and only while the network takes them.
// The terminal loads history in the background, so a request may have to be asked again.
#ifndef BULWARK_HISTORY_MQH
#define BULWARK_HISTORY_MQH

#include "Say.mqh"
#include "Heard.mqh"
#include "Symbols.mqh"
#include "TickBatch.mqh"

// The next chunk waits while more than this is still to be sent.
#define BW_CHUNK_BACKLOG 2097152
#define BW_HISTORY_RETRY_MS 250

struct BwJob
  {
   bool              ticks;
   string            re;
   string            trace;
   string            symbol;
   string            timeframe;
   long              count;
   bool              ranged;
   long              fromMs;
   long              toMs;
   int               chunk;
   ulong             sinceMs;
   ulong             triedMs;
   int               gotBefore;
  };

// A queue of jobs; the first is being answered.
BwJob g_bwJobs[BW_HISTORY_JOBS];
int g_bwJobCount=0;

// Bars of the first job, once they are all here, and the next to send.
MqlRates g_bwRates[];
int g_bwRatesCount=0;
int g_bwRatesAt=0;
bool g_bwRatesReady=false;

void BwJobsReset()
  {
   g_bwJobCount=0;
   g_bwRatesReady=false;
   g_bwRatesCount=0;
   ArrayFree(g_bwRates);
  }

void BwJobCopy(const BwJob &from,BwJob &to)
  {
   to.ticks=from.ticks;
   to.re=from.re;
   to.trace=from.trace;
   to.symbol=from.symbol;
   to.timeframe=from.timeframe;
   to.count=from.count;
   to.ranged=from.ranged;
   to.fromMs=from.fromMs;
   to.toMs=from.toMs;
   to.chunk=from.chunk;
   to.sinceMs=from.sinceMs;
   to.triedMs=from.triedMs;
   to.gotBefore=from.gotBefore;
  }

void BwJobDone()
  {
   for(int i=1; i<g_bwJobCount; i++)
      BwJobCopy(g_bwJobs[i],g_bwJobs[i-1]);
   g_bwJobCount--;
   g_bwRatesReady=false;
   g_bwRatesCount=0;
   ArrayFree(g_bwRates);
  }

ENUM_TIMEFRAMES BwTimeframe(const string name)
  {
   if(name=="M1")
      return(PERIOD_M1);
   if(name=="M5")
      return(PERIOD_M5);
   if(name=="M15")
      return(PERIOD_M15);
   if(name=="M30")
      return(PERIOD_M30);
   if(name=="H1")
      return(PERIOD_H1);
   return(name=="H4" ? PERIOD_H4 : PERIOD_D1);
  }

void BwQueueJob(const BwJob &job)
  {
   if(g_bwJobCount>=BW_HISTORY_JOBS)
     {
      BwSayError("overloaded","history requests are waiting");
      return;
     }
   BwJobCopy(job,g_bwJobs[g_bwJobCount]);
   g_bwJobCount++;
  }

// Both requests: bars when `ticks` is false.
void BwOnHistoryRequest(const bool ticks)
  {
   BwJob job;
   job.ticks=ticks;
   job.re=g_bwReply.re;
   job.trace=g_bwReply.trace;
   job.symbol=BwTextIn(0,"symbol");
   job.timeframe=ticks ? "M1" : BwOneOfIn(0,"timeframe","M1|M5|M15|M30|H1|H4|D1");
   job.count=BwCountIn(0,"count");
   job.ranged=!BwIsNull(0,"fromMs");
   job.fromMs=(ticks || job.ranged) ? BwIntIn(0,"fromMs") : 0;
   job.toMs=BwIntIn(0,"toMs");
   job.chunk=0;
   job.sinceMs=BwRunMs();
   job.triedMs=0;
   job.gotBefore=-1;
   if(g_bwHeard.bad=="")
      BwQueueJob(job);
  }

// Copies what the job wants; the number of bars, or -1 while the terminal has none.
int BwCopyBars(const BwJob &job,MqlRates &rates[])
  {
   const ENUM_TIMEFRAMES timeframe=BwTimeframe(job.timeframe);
   const datetime until=(datetime)((job.toMs-1)/1000);
   if(job.ranged)
     {
      const datetime from=(datetime)((job.fromMs+999)/1000);
      return(from>until ? 0 : CopyRates(job.symbol,timeframe,from,until,rates));
     }
   const int wanted=(int)(job.count>BW_BARS_PER_REQUEST ? BW_BARS_PER_REQUEST : job.count);
   return(CopyRates(job.symbol,timeframe,until,wanted,rates));
  }

// True when the bars are here: as many as asked, or the same number twice in a row, or too late.
bool BwBarsReady(BwJob &job,const ulong now)
  {
   if(job.count==0 || !BwSymbolExists(job.symbol))
     {
      g_bwRatesCount=0;
      return(true);
     }
   if(now-job.triedMs<BW_HISTORY_RETRY_MS && job.triedMs!=0)
      return(false);
   job.triedMs=now;
   SymbolSelect(job.symbol,true);
   const int got=BwCopyBars(job,g_bwRates);
   const bool whole=(got>0 && !job.ranged && (long)got>=job.count);
   const bool settled=(got>=0 && got==job.gotBefore);
   job.gotBefore=got;
   g_bwRatesCount=(got>0) ? got : 0;
   return(whole || settled || now-job.sinceMs>BW_HISTORY_WAIT_MS);
  }

void BwPutBar(BwBytes &b,const MqlRates &bar,const int digits,const int seconds)
  {
   const bool complete=((long)bar.time+(long)seconds<=(long)TimeCurrent());
   BwOpen(b,'[');
   BwPutUtf8(b,IntegerToString((long)bar.time*1000));
   BwPutUtf8(b,","+IntegerToString(BwPointsOf(bar.open,digits)));
   BwPutUtf8(b,","+IntegerToString(BwPointsOf(bar.high,digits)));
   BwPutUtf8(b,","+IntegerToString(BwPointsOf(bar.low,digits)));
   BwPutUtf8(b,","+IntegerToString(BwPointsOf(bar.close,digits)));
   BwPutUtf8(b,","+IntegerToString(bar.tick_volume));
   BwPutUtf8(b,","+IntegerToString((long)bar.spread));
   BwPutUtf8(b,complete ? ",true]" : ",false]");
  }

// How many of the copied bars belong to the answer: the oldest `count` of a range, all of the rest.
int BwBarsInAnswer(const BwJob &job)
  {
   const long most=(job.count>BW_BARS_PER_REQUEST) ? BW_BARS_PER_REQUEST : job.count;
   return((long)g_bwRatesCount>most ? (int)most : g_bwRatesCount);
  }

void BwSayBars(BwJob &job)
  {
   const int end=BwBarsInAnswer(job);
   int to=g_bwRatesAt+BW_BARS_PER_CHUNK;
   if(to>end)
      to=end;
   const bool last=(to>=end);
   const int digits=BwDigitsOf(job.symbol);
   const int seconds=PeriodSeconds(BwTimeframe(job.timeframe));
   g_bwReply.re=job.re;
   g_bwReply.trace=job.trace;
   BwSay("history");
   BwKeyText(g_bwMessage,"symbol",job.symbol);
   BwKeyText(g_bwMessage,"timeframe",job.timeframe);
   BwKeyInt(g_bwMessage,"chunk",job.chunk);
   BwKeyBool(g_bwMessage,"last",last);
   if(last && job.ranged && end<g_bwRatesCount)
      BwKeyInt(g_bwMessage,"nextMs",(long)g_bwRates[end].time*1000);
   else
      BwKeyNull(g_bwMessage,"nextMs");
   BwOpenKey(g_bwMessage,"bars",'[');
   for(int i=g_bwRatesAt; i<to; i++)
      BwPutBar(g_bwMessage,g_bwRates[i],digits,seconds);
   BwClose(g_bwMessage,']');
   BwSaid();
   BwReplyClear();
   g_bwRatesAt=to;
   job.chunk++;
   if(last)
      BwJobDone();
  }

void BwBarsPump(const ulong now)
  {
   if(!g_bwRatesReady)
     {
      if(!BwBarsReady(g_bwJobs[0],now))
         return;
      g_bwRatesReady=true;
      g_bwRatesAt=0;
     }
   BwSayBars(g_bwJobs[0]);
  }

void BwSayTickChunk(BwJob &job,const MqlTick &ticks[],const int count,const bool last,const long nextMs)
  {
   BwBytes frame;
   BwClear(frame);
   const int digits=BwDigitsOf(job.symbol);
   int usable=0;
   for(int i=0; i<count; i++)
      if(ticks[i].bid>0.0 && ticks[i].ask>0.0)
         usable++;
   BwPutTickHead(frame,1,usable);
   BwPutTickName(frame,job.symbol);
   for(int i=0; i<count; i++)
      if(ticks[i].bid>0.0 && ticks[i].ask>0.0)
         BwPutTick(frame,0,ticks[i].time_msc,BwPointsOf(ticks[i].bid,digits),BwPointsOf(ticks[i].ask,digits));
   g_bwReply.re=job.re;
   g_bwReply.trace=job.trace;
   BwSay("ticks.history");
   BwKeyText(g_bwMessage,"symbol",job.symbol);
   BwKeyInt(g_bwMessage,"chunk",job.chunk);
   BwKeyBool(g_bwMessage,"last",last);
   if(nextMs>0)
      BwKeyInt(g_bwMessage,"nextMs",nextMs);
   else
      BwKeyNull(g_bwMessage,"nextMs");
   BwSaidWith(frame,true);
   BwReplyClear();
   job.chunk++;
  }

// How many of the copied ticks form the chunk: at most `most`, then on to the end of a millisecond.
// Ticks at the end of a full copy may have companions in their millisecond that were cut off.
int BwWholeMilliseconds(const MqlTick &ticks[],const int got,const int asked,const int most)
  {
   int end=(got<most) ? got : most;
   while(end>0 && end<got && ticks[end].time_msc==ticks[end-1].time_msc)
      end++;
   if(end<got || got<asked)
      return(end);
   while(end>0 && ticks[end-1].time_msc==ticks[got-1].time_msc)
      end--;
   return(end);
  }

// One chunk of the first job. Ticks are copied from where the last chunk ended.
void BwTicksPump()
  {
   MqlTick ticks[];
   const int asked=BW_TICKS_PER_CHUNK+1024;
   const string symbol=g_bwJobs[0].symbol;
   int got=0;
   if(g_bwJobs[0].count>0 && BwSymbolExists(symbol))
     {
      SymbolSelect(symbol,true);
      g_bwReply.re=g_bwJobs[0].re;
      BwBusy("ticks.request");
      got=CopyTicks(symbol,ticks,COPY_TICKS_INFO,(ulong)g_bwJobs[0].fromMs,asked);
      BwReady();
      BwReplyClear();
     }
   if(got<0)
     {
      if(BwRunMs()-g_bwJobs[0].sinceMs<BW_HISTORY_WAIT_MS)
         return;
      got=0;
     }
   const int copied=got;
   while(got>0 && ticks[got-1].time_msc>=g_bwJobs[0].toMs)
      got--;
   const int most=(int)(g_bwJobs[0].count<BW_TICKS_PER_CHUNK ? g_bwJobs[0].count : BW_TICKS_PER_CHUNK);
   const bool ended=(got<copied || copied<asked);
   int end=ended ? BwWholeMilliseconds(ticks,got,got+1,most) : BwWholeMilliseconds(ticks,got,asked,most);
   long next=(end<got) ? ticks[end].time_msc : 0;
   if(end==0 && got>0)
     {
      // More ticks in one millisecond than a copy holds: the rest of it cannot be asked for.
      end=got;
      next=ticks[got-1].time_msc+1;
     }
   g_bwJobs[0].count-=end;
   const bool last=(next==0 || g_bwJobs[0].count<=0);
   BwSayTickChunk(g_bwJobs[0],ticks,end,last,last ? next : 0);
   if(last)
      BwJobDone();
   else
      g_bwJobs[0].fromMs=next;
  }

// One chunk per event.
void BwHistoryPump()
  {
   if(g_bwJobCount==0 || g_bwLink.peer.out.size>BW_CHUNK_BACKLOG)
      return;
   if(g_bwJobs[0].ticks)
      BwTicksPump();
   else
      BwBarsPump(BwRunMs());
  }

#endif
