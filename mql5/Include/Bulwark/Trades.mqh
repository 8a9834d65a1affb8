// What the account went through, as hints. The terminal's transactions come in any order and may be
// dropped, so only tickets are noted; the records are read when the message is made.
#ifndef BULWARK_TRADES_MQH
#define BULWARK_TRADES_MQH

#include "Lists.mqh"
#include "Say.mqh"

// A deal that the terminal's history does not show yet is waited for.
#define BW_TRADE_WAIT_MS 5000

struct BwNoted
  {
   ulong             tickets[BW_EVENTS_QUEUED];
   int               count;
  };

BwNoted g_bwDeals;
BwNoted g_bwOrders;
BwNoted g_bwPositions;
ulong g_bwNotedMs=0;

void BwTradesReset()
  {
   g_bwDeals.count=0;
   g_bwOrders.count=0;
   g_bwPositions.count=0;
   g_bwNotedMs=0;
  }

// More than can be noted: the sequence gets a hole, and the runtime asks for a snapshot.
void BwNote(BwNoted &list,const ulong ticket)
  {
   if(ticket==0)
      return;
   for(int i=0; i<list.count; i++)
      if(list.tickets[i]==ticket)
         return;
   if(list.count>=BW_EVENTS_QUEUED)
     {
      g_bwCounters.lostEvents++;
      g_bwSession.sentSeq++;
      return;
     }
   list.tickets[list.count]=ticket;
   list.count++;
   if(g_bwNotedMs==0)
      g_bwNotedMs=BwRunMs();
  }

void BwNoteTransaction(const MqlTradeTransaction &transaction)
  {
   if(transaction.type==TRADE_TRANSACTION_DEAL_ADD || transaction.type==TRADE_TRANSACTION_DEAL_UPDATE)
      BwNote(g_bwDeals,transaction.deal);
   if(transaction.type==TRADE_TRANSACTION_REQUEST)
      return;
   BwNote(g_bwOrders,transaction.order);
   BwNote(g_bwPositions,transaction.position);
   BwNote(g_bwPositions,transaction.position_by);
  }

// Selects a position by its identifier: the ticket may have changed, the identifier never does.
bool BwSelectById(const ulong id)
  {
   if(PositionSelectByTicket(id))
      return(true);
   for(int i=0; i<PositionsTotal(); i++)
      if(PositionGetTicket(i)!=0 && (ulong)PositionGetInteger(POSITION_IDENTIFIER)==id)
         return(true);
   return(false);
  }

bool BwDealsAreHere()
  {
   for(int i=0; i<g_bwDeals.count; i++)
      if(!HistoryDealSelect(g_bwDeals.tickets[i]))
         return(false);
   return(true);
  }

// Deals first: the positions and orders that they belong to are then told with them.
void BwPutNotedDeals(BwBytes &b)
  {
   BwOpenKey(b,"deals",'[');
   for(int i=0; i<g_bwDeals.count; i++)
      if(HistoryDealSelect(g_bwDeals.tickets[i]))
        {
         BwPutDeal(b,g_bwDeals.tickets[i]);
         BwNote(g_bwPositions,(ulong)HistoryDealGetInteger(g_bwDeals.tickets[i],DEAL_POSITION_ID));
         BwNote(g_bwOrders,(ulong)HistoryDealGetInteger(g_bwDeals.tickets[i],DEAL_ORDER));
        }
   BwClose(b,']');
  }

void BwPutNotedOrders(BwBytes &b)
  {
   BwOrder order;
   BwOpenKey(b,"orders",'[');
   for(int i=0; i<g_bwOrders.count; i++)
     {
      const ulong ticket=g_bwOrders.tickets[i];
      if(OrderSelect(ticket))
         BwReadLiveOrder(order);
      else
         if(HistoryOrderSelect(ticket))
            BwReadPastOrder(ticket,order);
         else
            continue;
      BwPutOrder(b,order);
     }
   BwClose(b,']');
  }

void BwPutNotedPositions(BwBytes &b)
  {
   BwOpenKey(b,"positions",'[');
   for(int i=0; i<g_bwPositions.count; i++)
      if(BwSelectById(g_bwPositions.tickets[i]))
         BwPutPosition(b);
   BwClose(b,']');
   BwOpenKey(b,"closedPositions",'[');
   for(int i=0; i<g_bwPositions.count; i++)
      if(!BwSelectById(g_bwPositions.tickets[i]))
         BwPutItem(b,BwFormatUlong(g_bwPositions.tickets[i]));
   BwClose(b,']');
  }

// Once per event: everything noted since the last one, as one transaction.
void BwTradesPump()
  {
   if(g_bwDeals.count+g_bwOrders.count+g_bwPositions.count==0)
      return;
   if(!BwWelcomed() || !g_bwSession.active)
     {
      // The next session begins with a snapshot.
      BwTradesReset();
      return;
     }
   if(!BwDealsAreHere() && BwRunMs()-g_bwNotedMs<BW_TRADE_WAIT_MS)
      return;
   BwSay("trade");
   BwKey(g_bwMessage,"account");
   BwPutAccount(g_bwMessage);
   BwPutNotedDeals(g_bwMessage);
   BwPutNotedOrders(g_bwMessage);
   BwPutNotedPositions(g_bwMessage);
   BwSaid();
   BwTradesReset();
  }

#endif
