// The EA's own guard: floors that hold without a link. Checked on every tick and timer; at or below
// floor + buffer it trips: openings are blocked and Sweep.mqh cancels and closes everything.
// Money is in minor units of the account's currency.
#ifndef BULWARK_GUARD_MQH
#define BULWARK_GUARD_MQH

#include "HistoryProof.mqh"
#include "Say.mqh"
#include "Heard.mqh"

struct BwGuard
  {
   bool              armed;
   long              daily;
   long              anchor;
   string            ratchet;
   long              totalFloor;
   long              buffer;
   // Highest balance that the total floor has followed.
   long              high;
   // Resets still to come, ascending, server wall clock.
   long              resets[BW_RESETS_KEPT];
   int               resetCount;
   string            deadMan;
   long              deadManAfterMs;
   bool              deadManActed;
   bool              tripped;
   long              tripEquity;
   long              tripFloor;
   long              tripAtMs;
   // Server time of the last check: a reset that it did not straddle closely was not observed.
   long              checkedMs;
  };

BwGuard g_bwGuard;

string BwResetsText(const BwGuard &g)
  {
   string text="";
   for(int i=0; i<g.resetCount; i++)
      text+=(i==0 ? "" : ",")+IntegerToString(g.resets[i]);
   return(text);
  }

void BwResetsRead(BwGuard &g,const string text)
  {
   g.resetCount=0;
   string items[];
   const int count=StringSplit(text,(ushort)',',items);
   for(int i=0; i<count && g.resetCount<BW_RESETS_KEPT; i++)
     {
      long at=0;
      if(!BwParseScaled(items[i],0,at))
         continue;
      g.resets[g.resetCount]=at;
      g.resetCount++;
     }
  }

// Everything of the guard in one transaction: half of it would be a wrong floor.
bool BwGuardWrite()
  {
   if(!BwStoreBegin())
      return(false);
   const bool good=BwStoreSetLong("guard.armed",g_bwGuard.armed ? 1 : 0) &&
                   BwStoreSetLong("guard.daily",g_bwGuard.daily) &&
                   BwStoreSetLong("guard.anchor",g_bwGuard.anchor) &&
                   BwStoreSet("guard.ratchet",g_bwGuard.ratchet) &&
                   BwStoreSetLong("guard.totalFloor",g_bwGuard.totalFloor) &&
                   BwStoreSetLong("guard.buffer",g_bwGuard.buffer) &&
                   BwStoreSetLong("guard.high",g_bwGuard.high) &&
                   BwStoreSet("guard.resets",BwResetsText(g_bwGuard)) &&
                   BwStoreSet("guard.deadMan",g_bwGuard.deadMan) &&
                   BwStoreSetLong("guard.deadManAfterMs",g_bwGuard.deadManAfterMs) &&
                   BwStoreSetLong("guard.deadManActed",g_bwGuard.deadManActed ? 1 : 0) &&
                   BwStoreSetLong("guard.tripped",g_bwGuard.tripped ? 1 : 0) &&
                   BwStoreSetLong("guard.tripEquity",g_bwGuard.tripEquity) &&
                   BwStoreSetLong("guard.tripFloor",g_bwGuard.tripFloor) &&
                   BwStoreSetLong("guard.tripAtMs",g_bwGuard.tripAtMs);
   return(BwStoreEnd(good));
  }

void BwGuardLoad()
  {
   g_bwGuard.armed=(BwStoreGetLong("guard.armed",0)!=0);
   g_bwGuard.daily=BwStoreGetLong("guard.daily",0);
   g_bwGuard.anchor=BwStoreGetLong("guard.anchor",0);
   g_bwGuard.ratchet=BwStoreGet("guard.ratchet","none");
   g_bwGuard.totalFloor=BwStoreGetLong("guard.totalFloor",0);
   g_bwGuard.buffer=BwStoreGetLong("guard.buffer",0);
   g_bwGuard.high=BwStoreGetLong("guard.high",0);
   BwResetsRead(g_bwGuard,BwStoreGet("guard.resets",""));
   g_bwGuard.deadMan=BwStoreGet("guard.deadMan",g_bwConfig.deadMan);
   g_bwGuard.deadManAfterMs=BwStoreGetLong("guard.deadManAfterMs",g_bwConfig.deadManAfterMs);
   g_bwGuard.deadManActed=(BwStoreGetLong("guard.deadManActed",0)!=0);
   g_bwGuard.tripped=(BwStoreGetLong("guard.tripped",0)!=0);
   g_bwGuard.tripEquity=BwStoreGetLong("guard.tripEquity",0);
   g_bwGuard.tripFloor=BwStoreGetLong("guard.tripFloor",0);
   g_bwGuard.tripAtMs=BwStoreGetLong("guard.tripAtMs",0);
   g_bwGuard.checkedMs=0;
   // Without a guard of the runtime the operator's own policy holds, whatever was stored before.
   if(!g_bwGuard.armed)
     {
      g_bwGuard.deadMan=g_bwConfig.deadMan;
      g_bwGuard.deadManAfterMs=g_bwConfig.deadManAfterMs;
     }
  }

// The equity floor now: the higher of the daily and the total one.
long BwFloor(const BwGuard &g)
  {
   const long daily=g.anchor-g.daily;
   return(daily>g.totalFloor ? daily : g.totalFloor);
  }

string BwMoney(const long amount)
  {
   return(BwFormatScaled(amount,g_bwConfig.moneyDigits));
  }

void BwSayTripped()
  {
   BwSay("guard.tripped");
   BwKeyText(g_bwMessage,"equity",BwMoney(g_bwGuard.tripEquity));
   BwKeyText(g_bwMessage,"floor",BwMoney(g_bwGuard.tripFloor));
   BwKeyInt(g_bwMessage,"atMs",g_bwGuard.tripAtMs);
   BwSaid();
  }

// The total floor follows a new high of the balance.
void BwFollow(BwGuard &g,const long balance)
  {
   if(balance<=g.high)
      return;
   g.totalFloor+=balance-g.high;
   g.high=balance;
  }

// The balance at a reset that has passed: what it is now, less what was booked since.
long BwBalanceAt(const long serverMs)
  {
   const long now=BwBalanceMinor();
   if(!BwSelectHistory(serverMs))
      return(now);
   return(now-BwDealsMinorAfter(serverMs-1));
  }

// One reset. Observed means that the guard was checked just before it and again right after. One
// that was not is worked out from the deals; where their history is not proven, the highest wins:
// a floor that is too high closes positions, one that is too low loses the account.
void BwPassReset(const long resetMs,const long nowMs)
  {
   const bool observed=(g_bwGuard.checkedMs>=resetMs-BW_RESET_OBSERVED_MS &&
                        nowMs-resetMs<=BW_RESET_OBSERVED_MS);
   long balance=BwBalanceMinor();
   long anchor=balance;
   if(!observed)
     {
      const bool proven=BwHistoryProven();
      anchor=BwBalanceAt(resetMs);
      if(!proven)
        {
         if(balance>anchor)
            anchor=balance;
         if(g_bwGuard.anchor>anchor)
            anchor=g_bwGuard.anchor;
        }
      BwLog(BW_LOG_WARNING,"a reset passed unobserved; the day's anchor is now "+BwMoney(anchor));
     }
   g_bwGuard.anchor=anchor;
   if(g_bwGuard.ratchet=="atReset")
      BwFollow(g_bwGuard,anchor);
  }

void BwPassResets(const long nowMs)
  {
   int passed=0;
   while(passed<g_bwGuard.resetCount && g_bwGuard.resets[passed]<=nowMs)
     {
      BwPassReset(g_bwGuard.resets[passed],nowMs);
      passed++;
     }
   if(passed==0)
      return;
   for(int i=passed; i<g_bwGuard.resetCount; i++)
      g_bwGuard.resets[i-passed]=g_bwGuard.resets[i];
   g_bwGuard.resetCount-=passed;
   BwGuardWrite();
  }

// Trips at or below floor + buffer. Nothing that fails here may stop it: it holds in memory even if
// the disk refuses it.
bool BwGuardCheck()
  {
   if(!g_bwGuard.armed)
      return(false);
   const long nowMs=BwServerMs();
   BwPassResets(nowMs);
   g_bwGuard.checkedMs=nowMs;
   if(g_bwGuard.tripped)
      return(false);
   const long balance=BwBalanceMinor();
   if(g_bwGuard.ratchet=="realtime" && balance>g_bwGuard.high)
     {
      BwFollow(g_bwGuard,balance);
      BwGuardWrite();
     }
   const long equity=BwEquityMinor();
   const long lowest=BwFloor(g_bwGuard);
   // An account that is not logged in shows nothing at all; that is no loss.
   if(equity>lowest+g_bwGuard.buffer || (equity==0 && balance==0))
      return(false);
   g_bwGuard.tripped=true;
   g_bwGuard.tripEquity=equity;
   g_bwGuard.tripFloor=lowest;
   g_bwGuard.tripAtMs=nowMs;
   BwGuardWrite();
   if(BwWelcomed())
      BwSayTripped();
   BwNotify("guard tripped: equity "+BwMoney(equity)+" at floor "+BwMoney(lowest)+", closing all");
   return(true);
  }

void BwSortResets(BwGuard &g)
  {
   for(int i=1; i<g.resetCount; i++)
      for(int k=i; k>0 && g.resets[k-1]>g.resets[k]; k--)
        {
         const long earlier=g.resets[k];
         g.resets[k]=g.resets[k-1];
         g.resets[k-1]=earlier;
        }
  }

// Resets of the message that are still to come. True when one of them has passed already: then the
// anchor that came with it is stale.
bool BwTakeResets(BwGuard &g,const long nowMs)
  {
   bool stale=false;
   g.resetCount=0;
   int item=BwItemsIn(0,"resetsMs");
   while(item>=0)
     {
      long at=0;
      if(!BwJsonInt(g_bwHeard.json,item,at))
         BwBad("resetsMs");
      else
         if(at<=nowMs)
            stale=true;
         else
            if(g.resetCount<BW_RESETS_KEPT)
              {
               g.resets[g.resetCount]=at;
               g.resetCount++;
              }
      item=BwNextItem(0,"resetsMs",item);
     }
   BwSortResets(g);
   return(stale);
  }

bool BwAmount(const string name,long &amount)
  {
   return(BwParseScaled(BwDecimalIn(0,name),g_bwConfig.moneyDigits,amount));
  }

void BwOnGuard()
  {
   BwGuard g;
   long daily=0;
   long anchor=0;
   long totalFloor=0;
   long buffer=0;
   const bool exact=BwAmount("dailyAmount",daily) && BwAmount("anchor",anchor) &&
                    BwAmount("totalFloor",totalFloor) && BwAmount("buffer",buffer);
   const string ratchet=BwOneOfIn(0,"ratchet","none|atReset|realtime");
   const bool stale=BwTakeResets(g,BwServerMs());
   const int deadMan=BwObjectIn(0,"deadMan");
   const string policy=BwOneOfIn(deadMan,"policy","none|tighten|flatten");
   const long afterMs=BwIntIn(deadMan,"afterMs");
   if(g_bwHeard.bad!="")
      return;
   if(!exact)
     {
      BwSayError("malformed","guard: amount too fine");
      return;
     }
   const long balance=BwBalanceMinor();
   g_bwGuard.armed=true;
   g_bwGuard.daily=daily;
   g_bwGuard.anchor=(stale && balance>anchor) ? balance : anchor;
   g_bwGuard.ratchet=ratchet;
   g_bwGuard.totalFloor=totalFloor;
   g_bwGuard.buffer=buffer;
   g_bwGuard.high=(balance>anchor) ? balance : anchor;
   for(int i=0; i<g.resetCount; i++)
      g_bwGuard.resets[i]=g.resets[i];
   g_bwGuard.resetCount=g.resetCount;
   g_bwGuard.deadMan=policy;
   g_bwGuard.deadManAfterMs=afterMs;
   g_bwGuard.checkedMs=BwServerMs();
   // A trip is cleared only by floors that the account is clear of.
   if(BwEquityMinor()>BwFloor(g_bwGuard)+buffer)
      g_bwGuard.tripped=false;
   if(!BwGuardWrite())
      BwSayError("journal","the guard holds in memory only");
  }

#endif
