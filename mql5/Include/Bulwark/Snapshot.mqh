// The whole truth of one instant, in messages of bounded size: begin, parts, end with counts and the
// hash that the runtime computes again over what it received.
#ifndef BULWARK_SNAPSHOT_MQH
#define BULWARK_SNAPSHOT_MQH

#include "Lists.mqh"
#include "Say.mqh"
#include "Heard.mqh"

#define BW_LIST_POSITIONS 0
#define BW_LIST_ORDERS 1
#define BW_LIST_PAST 2
#define BW_LIST_DEALS 3
#define BW_LIST_SYMBOLS 4
#define BW_LIST_RESULTS 5
#define BW_LIST_UNRESOLVED 6
#define BW_LISTS 7

// All lists one after the other; `start[n]` is the first record of list n, `start[BW_LISTS]` the end.
struct BwSnapshot
  {
   BwTexts           texts;
   int               start[8];
   bool              complete;
   string            id;
   long              fromMs;
  };

BwSnapshot g_bwSnapshot;

string BwListName(const int list)
  {
   if(list==BW_LIST_POSITIONS)
      return("positions");
   if(list==BW_LIST_ORDERS)
      return("orders");
   if(list==BW_LIST_PAST)
      return("historyOrders");
   if(list==BW_LIST_DEALS)
      return("deals");
   if(list==BW_LIST_SYMBOLS)
      return("symbols");
   return(list==BW_LIST_RESULTS ? "results" : "unresolved");
  }

// Every symbol that a record names must be described, or the runtime could not read its prices.
void BwNeedSymbol(string &needed[],int &count,const string symbol)
  {
   if(symbol=="" || BwSymbolIndex(symbol)>=0)
      return;
   for(int i=0; i<count; i++)
      if(needed[i]==symbol)
         return;
   ArrayResize(needed,count+1);
   needed[count]=symbol;
   count++;
  }

void BwListSymbols(BwTexts &t)
  {
   string needed[];
   int count=0;
   for(int i=0; i<PositionsTotal(); i++)
      if(PositionGetTicket(i)!=0)
         BwNeedSymbol(needed,count,PositionGetString(POSITION_SYMBOL));
   for(int i=0; i<OrdersTotal(); i++)
      if(OrderGetTicket(i)!=0)
         BwNeedSymbol(needed,count,OrderGetString(ORDER_SYMBOL));
   for(int i=0; i<HistoryOrdersTotal(); i++)
      BwNeedSymbol(needed,count,HistoryOrderGetString(HistoryOrderGetTicket(i),ORDER_SYMBOL));
   for(int i=0; i<HistoryDealsTotal(); i++)
      BwNeedSymbol(needed,count,HistoryDealGetString(HistoryDealGetTicket(i),DEAL_SYMBOL));
   for(int i=0; i<g_bwSymbols.count; i++)
      if(BwTextBegin(t))
        {
         BwPutSymbol(t.text,g_bwSymbols.names[i]);
         BwTextEnd(t);
        }
   for(int i=0; i<count; i++)
      if(BwTextBegin(t))
        {
         BwPutSymbol(t.text,needed[i]);
         BwTextEnd(t);
        }
  }

// The EA's own journal: results since a moment, or everything that has none.
void BwListAttempts(BwTexts &t,const int state,const long fromMs)
  {
   string sql="SELECT ";
   sql+=BW_ATTEMPT_COLUMNS;
   sql+=" FROM attempts WHERE state=?1 AND at>=?2 ORDER BY at";
   const int request=DatabasePrepare(g_bwDb,sql);
   if(request==INVALID_HANDLE)
     {
      t.text.overflow=true;
      return;
     }
   if(DatabaseBind(request,0,state) && DatabaseBind(request,1,fromMs))
      while(DatabaseRead(request))
        {
         BwAttempt attempt;
         BwAttemptClear(attempt);
         if(!BwAttemptColumns(request,attempt) || !BwTextBegin(t))
            continue;
         if(state==BW_ATTEMPT_DONE)
            BwPutResult(t.text,attempt);
         else
           {
            BwOpen(t.text,'{');
            BwKeyInt(t.text,"attempt",attempt.attempt);
            BwKeyText(t.text,"intent",attempt.intent);
            BwClose(t.text,'}');
           }
         BwTextEnd(t);
        }
   DatabaseFinalize(request);
  }

void BwSnapshotTake(BwSnapshot &s)
  {
   BwWanted all;
   all.all=true;
   all.magic=0;
   BwTextsClear(s.texts);
   s.complete=BwHistoryProven();
   s.start[BW_LIST_POSITIONS]=0;
   BwListPositions(s.texts,all);
   s.start[BW_LIST_ORDERS]=s.texts.count;
   BwListOrders(s.texts,all);
   s.start[BW_LIST_PAST]=s.texts.count;
   if(!BwSelectHistory(s.fromMs-86400000))
      s.complete=false;
   BwListPastOrders(s.texts,s.fromMs,all);
   s.start[BW_LIST_DEALS]=s.texts.count;
   BwListDeals(s.texts,s.fromMs,all);
   s.start[BW_LIST_SYMBOLS]=s.texts.count;
   BwListSymbols(s.texts);
   s.start[BW_LIST_RESULTS]=s.texts.count;
   BwListAttempts(s.texts,BW_ATTEMPT_DONE,s.fromMs);
   s.start[BW_LIST_UNRESOLVED]=s.texts.count;
   BwListAttempts(s.texts,BW_ATTEMPT_SENT,0);
   s.start[BW_LISTS]=s.texts.count;
   if(s.texts.text.overflow)
      s.complete=false;
  }

int BwCountParts(const BwSnapshot &s)
  {
   int parts=1;
   int at=BwChunkEnd(s.texts,0);
   while(at<s.texts.count)
     {
      parts++;
      at=BwChunkEnd(s.texts,at);
     }
   return(parts);
  }

void BwSayPart(const BwSnapshot &s,const int index,const int first,const int last)
  {
   BwSay("snapshot.part");
   BwKeyText(g_bwMessage,"snapshotId",s.id);
   BwKeyInt(g_bwMessage,"index",index);
   BwKey(g_bwMessage,"account");
   if(index==0)
      BwPutAccount(g_bwMessage);
   else
      BwPutUtf8(g_bwMessage,"null");
   for(int list=0; list<BW_LISTS; list++)
     {
      int from=s.start[list];
      int to=s.start[list+1];
      if(from<first)
         from=first;
      if(to>last)
         to=last;
      BwPutArrayOf(g_bwMessage,BwListName(list),s.texts,from,to);
     }
   BwSaid();
  }

// Names in ascending order, as the hash wants them.
string BwSnapshotHash(const BwSnapshot &s)
  {
   BwBytes all;
   BwClear(all);
   BwOpen(all,'{');
   BwPutArrayOf(all,"deals",s.texts,s.start[BW_LIST_DEALS],s.start[BW_LIST_DEALS+1]);
   BwPutArrayOf(all,"historyOrders",s.texts,s.start[BW_LIST_PAST],s.start[BW_LIST_PAST+1]);
   BwPutArrayOf(all,"orders",s.texts,s.start[BW_LIST_ORDERS],s.start[BW_LIST_ORDERS+1]);
   BwPutArrayOf(all,"positions",s.texts,s.start[BW_LIST_POSITIONS],s.start[BW_LIST_POSITIONS+1]);
   BwClose(all,'}');
   return(BwHashOf(all));
  }

void BwSayEnd(const BwSnapshot &s)
  {
   BwSay("snapshot.end");
   BwKeyText(g_bwMessage,"snapshotId",s.id);
   BwKeyBool(g_bwMessage,"complete",s.complete);
   BwKeyText(g_bwMessage,"hash",BwSnapshotHash(s));
   BwKeyInt(g_bwMessage,"atMs",BwServerMs());
   BwOpenKey(g_bwMessage,"counts",'{');
   for(int list=0; list<=BW_LIST_SYMBOLS; list++)
      BwKeyInt(g_bwMessage,BwListName(list),s.start[list+1]-s.start[list]);
   BwClose(g_bwMessage,'}');
   BwSaid();
  }

void BwOnSnapshotRequest()
  {
   g_bwSnapshot.id=BwTextIn(0,"snapshotId");
   g_bwSnapshot.fromMs=BwIntIn(0,"historyFromMs");
   if(g_bwHeard.bad!="")
      return;
   BwSnapshotTake(g_bwSnapshot);
   const int parts=BwCountParts(g_bwSnapshot);
   BwSay("snapshot.begin");
   BwKeyText(g_bwMessage,"snapshotId",g_bwSnapshot.id);
   BwKeyInt(g_bwMessage,"historyFromMs",g_bwSnapshot.fromMs);
   BwKeyInt(g_bwMessage,"parts",parts);
   BwSaid();
   int first=0;
   for(int index=0; index<parts; index++)
     {
      const int last=BwChunkEnd(g_bwSnapshot.texts,first);
      BwSayPart(g_bwSnapshot,index,first,last);
      first=last;
     }
   BwSayEnd(g_bwSnapshot);
   BwFree(g_bwSnapshot.texts.text);
  }

#endif
