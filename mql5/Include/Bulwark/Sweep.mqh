// Leaving nothing behind: cancels first, then closes, one request after the other over as many
// events as it takes. One sweep at a time; a command's sweep ends with one result.
#ifndef BULWARK_SWEEP_MQH
#define BULWARK_SWEEP_MQH

#include "Guard.mqh"
#include "Requests.mqh"

#define BW_SWEEP_NONE 0
#define BW_SWEEP_COMMAND 1
#define BW_SWEEP_OWN 2
// How long one event goes on sending; a single request may take longer.
#define BW_SWEEP_SLICE_MS 200
#define BW_PRUNE_EVERY_ORDERS 1000

struct BwSweep
  {
   int               who;
   ulong             tickets[];
   bool              orders[];
   int               count;
   int               at;
   // Of a command: what its result will be. The first failure is kept, else the last success.
   BwAttempt         attempt;
   string            trace;
   ulong             nextMs;
  };

BwSweep g_bwSweep;

void BwSweepReset()
  {
   g_bwSweep.who=BW_SWEEP_NONE;
   g_bwSweep.count=0;
   g_bwSweep.at=0;
   g_bwSweep.nextMs=0;
   BwAttemptClear(g_bwSweep.attempt);
   g_bwSweep.trace="";
  }

void BwSweepAdd(const ulong ticket,const bool order,const string symbol,const bool onlyOpen)
  {
   if(ticket==0 || g_bwSweep.count>=BW_SWEEP_ITEMS || (onlyOpen && !BwIsOpen(symbol)))
      return;
   ArrayResize(g_bwSweep.tickets,g_bwSweep.count+1,64);
   ArrayResize(g_bwSweep.orders,g_bwSweep.count+1,64);
   g_bwSweep.tickets[g_bwSweep.count]=ticket;
   g_bwSweep.orders[g_bwSweep.count]=order;
   g_bwSweep.count++;
  }

// Notes everything that is there now. `onlyOpen` leaves out what cannot be traded at this hour.
void BwSweepCollect(const bool onlyOpen)
  {
   g_bwSweep.count=0;
   g_bwSweep.at=0;
   for(int i=0; i<OrdersTotal(); i++)
     {
      const ulong ticket=OrderGetTicket(i);
      BwSweepAdd(ticket,true,ticket==0 ? "" : OrderGetString(ORDER_SYMBOL),onlyOpen);
     }
   for(int i=0; i<PositionsTotal(); i++)
     {
      const ulong ticket=PositionGetTicket(i);
      BwSweepAdd(ticket,false,ticket==0 ? "" : PositionGetString(POSITION_SYMBOL),onlyOpen);
     }
  }

// A close that finds nothing to close, or a cancel that finds no order, reached its goal.
bool BwWentWell(const long retcode)
  {
   return(retcode==BW_RET_PLACED || retcode==BW_RET_DONE || retcode==BW_RET_PARTIAL ||
          retcode==BW_RET_NO_CHANGES || retcode==BW_RET_POSITION_CLOSED ||
          retcode==BW_RET_INVALID_ORDER);
  }

void BwSweepKeep(const BwAttempt &outcome)
  {
   if(g_bwSweep.attempt.retcode!=0 && !BwWentWell(g_bwSweep.attempt.retcode))
      return;
   g_bwSweep.attempt.retcode=outcome.retcode;
   g_bwSweep.attempt.order=outcome.order;
   g_bwSweep.attempt.deal=outcome.deal;
   g_bwSweep.attempt.price=outcome.price;
   g_bwSweep.attempt.volume=outcome.volume;
   g_bwSweep.attempt.comment=outcome.comment;
  }

void BwSweepOne(const ulong ticket,const bool order)
  {
   BwAttempt outcome;
   BwAttemptClear(outcome);
   MqlTradeRequest request;
   bool there=true;
   if(order)
      BwBuildCancel(ticket,request);
   else
      there=BwBuildCloseAll(ticket,request);
   if(there)
      BwSend(request,outcome);
   else
      BwResultSet(outcome,BW_RET_POSITION_CLOSED,"already closed");
   BwSweepKeep(outcome);
   if(!BwWentWell(outcome.retcode))
      BwLog(BW_LOG_WARNING,"not closed: "+BwFormatUlong(ticket)+", "+IntegerToString(outcome.retcode));
  }

void BwSayResult(const BwAttempt &a,const string trace)
  {
   g_bwReply.re="";
   g_bwReply.trace=trace;
   BwSay("result");
   BwKey(g_bwMessage,"result");
   BwPutResult(g_bwMessage,a);
   BwSaid();
   BwReplyClear();
  }

// The result of an attempt goes into the journal and to the runtime. Where the journal refuses it,
// the attempt stays "sent" there: unknown after a restart, which is true.
void BwAttemptFinish(BwAttempt &a,const string trace)
  {
   if(!BwAttemptDone(a))
     {
      BwLog(BW_LOG_ERROR,"a result could not be written down");
      BwNotify("the journal does not take results: check the disk");
     }
   if(BwWelcomed())
      BwSayResult(a,trace);
   if(g_bwCounters.orders%BW_PRUNE_EVERY_ORDERS==0)
      BwAttemptsPrune();
  }

void BwSweepFinish()
  {
   if(g_bwSweep.who==BW_SWEEP_COMMAND)
     {
      if(g_bwSweep.attempt.retcode==0)
         BwResultSet(g_bwSweep.attempt,BW_RET_DONE,"flat");
      BwAttemptFinish(g_bwSweep.attempt,g_bwSweep.trace);
     }
   g_bwSweep.who=BW_SWEEP_NONE;
   g_bwSweep.nextMs=BwMono()+BW_SWEEP_RETRY_MS;
  }

// The next requests of the sweep that is under way.
void BwSweepPump()
  {
   if(g_bwSweep.who==BW_SWEEP_NONE)
      return;
   if(g_bwSweep.at<g_bwSweep.count)
     {
      BwBusy("close all");
      const ulong since=BwRunMs();
      while(g_bwSweep.at<g_bwSweep.count && BwRunMs()-since<BW_SWEEP_SLICE_MS)
        {
         const int item=g_bwSweep.at;
         g_bwSweep.at++;
         BwSweepOne(g_bwSweep.tickets[item],g_bwSweep.orders[item]);
        }
      BwReady();
     }
   if(g_bwSweep.at>=g_bwSweep.count)
      BwSweepFinish();
  }

// A flatten of the runtime takes everything, and takes over from the EA's own sweep.
void BwSweepCommand(const BwAttempt &a,const string trace)
  {
   BwSweepCollect(false);
   g_bwSweep.who=BW_SWEEP_COMMAND;
   g_bwSweep.attempt.intent=a.intent;
   g_bwSweep.attempt.attempt=a.attempt;
   g_bwSweep.attempt.kind=a.kind;
   g_bwSweep.attempt.magic=a.magic;
   g_bwSweep.attempt.atMs=a.atMs;
   g_bwSweep.attempt.state=a.state;
   BwResultSet(g_bwSweep.attempt,0,"");
   g_bwSweep.trace=trace;
  }

// After a trip, or while a dead man's flatten is due: whatever is there and can be traded now is
// closed, again and again.
void BwSweepOwn()
  {
   if(g_bwSweep.who!=BW_SWEEP_NONE || BwMono()<g_bwSweep.nextMs)
      return;
   if(OrdersTotal()+PositionsTotal()==0)
      return;
   BwSweepCollect(true);
   g_bwSweep.nextMs=BwMono()+BW_SWEEP_RETRY_MS;
   if(g_bwSweep.count>0)
      g_bwSweep.who=BW_SWEEP_OWN;
  }

// The flatten of this attempt is being carried out right now.
bool BwSweepRuns(const string intent,const long attempt)
  {
   return(g_bwSweep.who==BW_SWEEP_COMMAND && g_bwSweep.attempt.intent==intent &&
          g_bwSweep.attempt.attempt==attempt);
  }

#endif
