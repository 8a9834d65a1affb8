// What is known of an attempt already: it must never be executed twice.
#ifndef BULWARK_KNOWN_MQH
#define BULWARK_KNOWN_MQH

#include "Sweep.mqh"

// How long a request of an earlier run of this EA may still be under way at the server.
#define BW_IN_FLIGHT_MS 60000

#define BW_KNOWN_NOTHING 0
#define BW_KNOWN_RESULT 1
// Being carried out right now: known, without a result.
#define BW_KNOWN_RUNNING 2
#define BW_KNOWN_UNKNOWN 3

// The lower 32 bits of a magic are its sequence. Without one it is shared by several orders
// (magic.mode "fixed") and proves nothing.
bool BwMagicIsUnique(const ulong magic)
  {
   return((magic & (((ulong)1<<32)-1))!=0);
  }

void BwRebuiltResult(BwAttempt &a,const BwOrder &o)
  {
   const int digits=BwDigitsOf(o.symbol);
   BwResultSet(a,BW_RET_DONE,"found by magic");
   a.order=o.ticket;
   a.price=BwFormatDouble(o.price,digits);
   a.volume=BwFormatLots(o.volume);
   for(int i=HistoryDealsTotal()-1; i>=0; i--)
     {
      const ulong deal=HistoryDealGetTicket(i);
      if(deal==0 || (ulong)HistoryDealGetInteger(deal,DEAL_ORDER)!=o.ticket)
         continue;
      a.deal=deal;
      a.price=BwFormatDouble(HistoryDealGetDouble(deal,DEAL_PRICE),digits);
     }
  }

bool BwFindLiveOrder(const ulong magic,BwOrder &o)
  {
   for(int i=0; i<OrdersTotal(); i++)
     {
      if(OrderGetTicket(i)==0 || (ulong)OrderGetInteger(ORDER_MAGIC)!=magic)
         continue;
      BwReadLiveOrder(o);
      return(true);
     }
   return(false);
  }

// An order that worked on a position which another order had opened, and added nothing to it. (On a
// netting account an order may add to a position that is older than itself.)
bool BwIsCloseOrder(const ulong ticket)
  {
   const ulong position=(ulong)HistoryOrderGetInteger(ticket,ORDER_POSITION_ID);
   if(position==0 || position==ticket)
      return(false);
   for(int i=HistoryDealsTotal()-1; i>=0; i--)
     {
      const ulong deal=HistoryDealGetTicket(i);
      if(deal==0 || (ulong)HistoryDealGetInteger(deal,DEAL_ORDER)!=ticket)
         continue;
      const long entry=HistoryDealGetInteger(deal,DEAL_ENTRY);
      if(entry==DEAL_ENTRY_IN || entry==DEAL_ENTRY_INOUT)
         return(false);
     }
   return(true);
  }

// Newest first; an order that the server rejected never was one. Needs a selected history.
bool BwFindPastOrder(const ulong magic,BwOrder &o)
  {
   for(int i=HistoryOrdersTotal()-1; i>=0; i--)
     {
      const ulong ticket=HistoryOrderGetTicket(i);
      if(ticket==0 || (ulong)HistoryOrderGetInteger(ticket,ORDER_MAGIC)!=magic ||
         HistoryOrderGetInteger(ticket,ORDER_STATE)==ORDER_STATE_REJECTED)
         continue;
      // A close carries its position's magic: only an order that opened counts.
      if(BwIsCloseOrder(ticket))
         continue;
      BwReadPastOrder(ticket,o);
      return(true);
     }
   return(false);
  }

// A position whose order the history does not show (yet): its identifier is the order's ticket.
bool BwFindPosition(const ulong magic,BwOrder &o)
  {
   for(int i=0; i<PositionsTotal(); i++)
     {
      if(PositionGetTicket(i)==0 || (ulong)PositionGetInteger(POSITION_MAGIC)!=magic)
         continue;
      o.ticket=(ulong)PositionGetInteger(POSITION_IDENTIFIER);
      o.symbol=PositionGetString(POSITION_SYMBOL);
      o.price=PositionGetDouble(POSITION_PRICE_OPEN);
      o.volume=PositionGetDouble(POSITION_VOLUME);
      return(true);
     }
   return(false);
  }

// Looks for an order of this magic. UNKNOWN when none is found and the history may be incomplete.
int BwScanMagic(const ulong magic,BwAttempt &a)
  {
   if(!BwMagicIsUnique(magic))
      return(BW_KNOWN_NOTHING);
   const bool proven=BwHistoryProven();
   const bool selected=BwSelectHistory(0);
   BwOrder order;
   if(BwFindLiveOrder(magic,order) || (selected && BwFindPastOrder(magic,order)) ||
      BwFindPosition(magic,order))
     {
      BwRebuiltResult(a,order);
      return(BW_KNOWN_RESULT);
     }
   return(proven && selected ? BW_KNOWN_NOTHING : BW_KNOWN_UNKNOWN);
  }

// Another attempt of this intent has no result: this run is carrying it out, or an earlier run may
// have sent it a moment ago. Later its traces are found by magic or position, or there are none.
bool BwOtherUnderWay(const string intent)
  {
   if(g_bwSweep.who==BW_SWEEP_COMMAND && g_bwSweep.attempt.intent==intent)
      return(true);
   const long newest=BwIntentSentMs(intent);
   return(newest>=0 && BwServerMs()-newest<BW_IN_FLIGHT_MS);
  }

// `a` holds intent, attempt, kind and magic; a result that is known is put into it.
int BwKnown(BwAttempt &a)
  {
   BwAttempt found;
   BwAttemptFind(a.intent,a.attempt,found);
   if(found.state==BW_ATTEMPT_DONE)
     {
      BwResultSet(a,found.retcode,found.comment);
      a.order=found.order;
      a.deal=found.deal;
      a.price=found.price;
      a.volume=found.volume;
      return(BW_KNOWN_RESULT);
     }
   if(found.state==BW_ATTEMPT_SENT)
      return(BwSweepRuns(a.intent,a.attempt) ? BW_KNOWN_RUNNING : BW_KNOWN_UNKNOWN);
   if(found.state==BW_ATTEMPT_UNREADABLE || BwOtherUnderWay(a.intent))
      return(BW_KNOWN_UNKNOWN);
   return(a.kind=="order.place" ? BwScanMagic(a.magic,a) : BW_KNOWN_NOTHING);
  }

#endif
