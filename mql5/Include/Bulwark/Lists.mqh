// Lists of records in ascending order of their tickets, as JSON text: for the snapshot, for queries
// and for the hash in every heartbeat.
#ifndef BULWARK_LISTS_MQH
#define BULWARK_LISTS_MQH

#include "HistoryProof.mqh"

// Which records a list takes: all, or those of one magic.
struct BwWanted
  {
   bool              all;
   ulong             magic;
  };

bool BwIsWanted(const BwWanted &w,const long magic)
  {
   return(w.all || (ulong)magic==w.magic);
  }

// The text of many records in one buffer, and where each of them lies.
struct BwTexts
  {
   BwBytes           text;
   int               from[];
   int               to[];
   int               count;
  };

void BwTextsClear(BwTexts &t)
  {
   BwClear(t.text);
   t.count=0;
  }

// Room for one more record; its text is then appended between the two calls.
bool BwTextBegin(BwTexts &t)
  {
   if(t.count>=ArraySize(t.from))
     {
      const int grown=t.count+256;
      if(ArrayResize(t.from,grown)<grown || ArrayResize(t.to,grown)<grown)
        {
         t.text.overflow=true;
         return(false);
        }
     }
   // Each text starts on its own: without this a comma would be put before it.
   BwPutByte(t.text,'[');
   t.from[t.count]=t.text.size;
   return(!t.text.overflow);
  }

void BwTextEnd(BwTexts &t)
  {
   t.to[t.count]=t.text.size;
   t.count++;
  }

void BwSortTickets(ulong &tickets[],const int count)
  {
   ArrayResize(tickets,count);
   if(count>1)
      ArraySort(tickets);
  }

void BwListPositions(BwTexts &t,const BwWanted &w)
  {
   ulong tickets[];
   const int total=PositionsTotal();
   ArrayResize(tickets,total);
   int count=0;
   for(int i=0; i<total; i++)
     {
      const ulong ticket=PositionGetTicket(i);
      if(ticket==0 || !BwIsWanted(w,PositionGetInteger(POSITION_MAGIC)))
         continue;
      tickets[count]=ticket;
      count++;
     }
   BwSortTickets(tickets,count);
   for(int i=0; i<count; i++)
      if(PositionSelectByTicket(tickets[i]) && BwTextBegin(t))
        {
         BwPutPosition(t.text);
         BwTextEnd(t);
        }
  }

void BwListOrders(BwTexts &t,const BwWanted &w)
  {
   ulong tickets[];
   const int total=OrdersTotal();
   ArrayResize(tickets,total);
   int count=0;
   for(int i=0; i<total; i++)
     {
      const ulong ticket=OrderGetTicket(i);
      if(ticket==0 || !BwIsWanted(w,OrderGetInteger(ORDER_MAGIC)))
         continue;
      tickets[count]=ticket;
      count++;
     }
   BwSortTickets(tickets,count);
   for(int i=0; i<count; i++)
      if(OrderSelect(tickets[i]) && BwTextBegin(t))
        {
         BwOrder order;
         BwReadLiveOrder(order);
         BwPutOrder(t.text,order);
         BwTextEnd(t);
        }
  }

// Finished orders of the selected history, done at or after a moment of server time.
void BwListPastOrders(BwTexts &t,const long fromServerMs,const BwWanted &w)
  {
   ulong tickets[];
   const int total=HistoryOrdersTotal();
   ArrayResize(tickets,total);
   int count=0;
   for(int i=0; i<total; i++)
     {
      const ulong ticket=HistoryOrderGetTicket(i);
      if(ticket==0 || HistoryOrderGetInteger(ticket,ORDER_TIME_DONE_MSC)<fromServerMs ||
         !BwIsWanted(w,HistoryOrderGetInteger(ticket,ORDER_MAGIC)))
         continue;
      tickets[count]=ticket;
      count++;
     }
   BwSortTickets(tickets,count);
   for(int i=0; i<count; i++)
      if(BwTextBegin(t))
        {
         BwOrder order;
         BwReadPastOrder(tickets[i],order);
         BwPutOrder(t.text,order);
         BwTextEnd(t);
        }
  }

void BwListDeals(BwTexts &t,const long fromServerMs,const BwWanted &w)
  {
   ulong tickets[];
   const int total=HistoryDealsTotal();
   ArrayResize(tickets,total);
   int count=0;
   for(int i=0; i<total; i++)
     {
      const ulong ticket=HistoryDealGetTicket(i);
      if(ticket==0 || HistoryDealGetInteger(ticket,DEAL_TIME_MSC)<fromServerMs ||
         !BwIsWanted(w,HistoryDealGetInteger(ticket,DEAL_MAGIC)))
         continue;
      tickets[count]=ticket;
      count++;
     }
   BwSortTickets(tickets,count);
   for(int i=0; i<count; i++)
      if(BwTextBegin(t))
        {
         BwPutDeal(t.text,tickets[i]);
         BwTextEnd(t);
        }
  }

// Records [first, last) with commas between them.
void BwPutTexts(BwBytes &b,const BwTexts &t,const int first,const int last)
  {
   for(int i=first; i<last; i++)
     {
      BwComma(b);
      BwPutArray(b,t.text.data,t.from[i],t.to[i]-t.from[i]);
     }
  }

void BwPutArrayOf(BwBytes &b,const string name,const BwTexts &t,const int first,const int last)
  {
   BwOpenKey(b,name,'[');
   BwPutTexts(b,t,first,last);
   BwClose(b,']');
  }

// Index behind the last record that fits into a chunk which starts with `first`.
int BwChunkEnd(const BwTexts &t,const int first)
  {
   int bytes=0;
   for(int i=first; i<t.count; i++)
     {
      const int size=t.to[i]-t.from[i]+1;
      if(bytes>0 && bytes+size>BW_SNAPSHOT_PART_BYTES)
         return(i);
      bytes+=size;
     }
   return(t.count);
  }

// Hash of the open positions alone, carried by every heartbeat.
string BwPositionsHash()
  {
   BwTexts positions;
   BwTextsClear(positions);
   BwWanted all;
   all.all=true;
   all.magic=0;
   BwListPositions(positions,all);
   BwBytes list;
   BwClear(list);
   BwOpen(list,'[');
   BwPutTexts(list,positions,0,positions.count);
   BwClose(list,']');
   return(BwHashOf(list));
  }

#endif
