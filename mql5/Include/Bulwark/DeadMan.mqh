// When the runtime falls silent: the lease lapses, and later the dead-man policy acts.
#ifndef BULWARK_DEAD_MAN_MQH
#define BULWARK_DEAD_MAN_MQH

#include "Register.mqh"
#include "Sweep.mqh"

void BwSayNotice(const string code,const string severity,const string detail)
  {
   if(!BwWelcomed())
      return;
   BwSay("notice");
   BwKeyText(g_bwMessage,"code",code);
   BwKeyText(g_bwMessage,"severity",severity);
   BwKeyText(g_bwMessage,"detail",StringSubstr(detail,0,200));
   BwSaid();
  }

// Half-way from the stop to the market on the symbol's tick grid; never away from the market.
// Returns 0 where there is nothing to tighten.
double BwTighterStop()
  {
   const string symbol=PositionGetString(POSITION_SYMBOL);
   const double stop=PositionGetDouble(POSITION_SL);
   const bool buy=(PositionGetInteger(POSITION_TYPE)==POSITION_TYPE_BUY);
   const double market=BwMarketPrice(symbol,!buy);
   if(stop==0.0 || market==0.0)
      return(0.0);
   const int digits=BwDigitsOf(symbol);
   const long grid=BwTickSizePoints(symbol);
   const long from=BwPointsOf(stop,digits);
   const long half=(BwPointsOf(market,digits)-from)/2/grid*grid;
   if(half==0 || (half>0)!=buy)
      return(0.0);
   return(BwUnscaled(from+half,digits));
  }

void BwTighten()
  {
   ulong tickets[];
   const int total=PositionsTotal();
   ArrayResize(tickets,total);
   for(int i=0; i<total; i++)
      tickets[i]=PositionGetTicket(i);
   for(int i=0; i<total; i++)
     {
      if(tickets[i]==0 || !PositionSelectByTicket(tickets[i]))
         continue;
      const double tighter=BwTighterStop();
      if(tighter==0.0)
         continue;
      MqlTradeRequest request;
      BwAttempt outcome;
      BwAttemptClear(outcome);
      if(!BwBuildStops(tickets[i],tighter,PositionGetDouble(POSITION_TP),request))
         continue;
      BwSend(request,outcome);
      if(!BwWentWell(outcome.retcode))
         BwLog(BW_LOG_WARNING,"stop not tightened: "+IntegerToString(outcome.retcode));
     }
  }

void BwDeadManAct()
  {
   g_bwGuard.deadManActed=true;
   BwGuardWrite();
   BwNotify("no runtime: dead-man policy "+g_bwGuard.deadMan);
   if(g_bwGuard.deadMan=="tighten")
      BwTighten();
  }

// Every event: counts the silence and does what it calls for. Somebody must once have held the
// lease: an account that never had a runtime is its owner's business.
void BwDeadManCheck()
  {
   if(BwCountSilence())
     {
      BwNotify("the runtime is silent: its lease has lapsed, nothing is opened");
      BwSayNotice("lease.lapsed","warning",g_bwRegister.holder);
     }
   if(g_bwGuard.deadMan=="none" || g_bwRegister.holder=="" || g_bwRegister.paused)
      return;
   if(!g_bwGuard.deadManActed && g_bwRegister.silentMs>=g_bwGuard.deadManAfterMs)
      BwDeadManAct();
   if(g_bwGuard.deadManActed && g_bwGuard.deadMan=="flatten")
      BwSweepOwn();
  }

// The holder was heard again, in a session. It is told only now what was done meanwhile: nobody
// listened when it was.
void BwDeadManForgive()
  {
   if(!g_bwGuard.deadManActed)
      return;
   g_bwGuard.deadManActed=false;
   BwGuardWrite();
   BwSayNotice("deadMan.acted","error","the runtime was silent: "+g_bwGuard.deadMan);
  }

#endif
