// `query`: reading the terminal by topic, answered in chunks.
#ifndef BULWARK_QUERY_MQH
#define BULWARK_QUERY_MQH

#include "Snapshot.mqh"
#include "Known.mqh"

#define BW_QUERY_POSITIONS 0
#define BW_QUERY_ORDERS 1
#define BW_QUERY_DEALS 2
#define BW_QUERY_SYMBOLS 3
#define BW_QUERY_SESSIONS 4
#define BW_QUERIES 5

struct BwQuery
  {
   string            what;
   string            intent;
   long              attempt;
   bool              byMagic;
   ulong             magic;
   long              fromMs;
   BwTexts           texts;
   int               start[6];
   bool              found;
   bool              complete;
   BwAttempt         result;
  };

BwQuery g_bwQuery;

string BwQueryList(const int list)
  {
   if(list==BW_QUERY_POSITIONS)
      return("positions");
   if(list==BW_QUERY_ORDERS)
      return("orders");
   if(list==BW_QUERY_DEALS)
      return("deals");
   return(list==BW_QUERY_SYMBOLS ? "symbols" : "sessions");
  }

// Named in the message, or nobody is.
bool BwIsNamed(const string symbol)
  {
   int item=BwItemsIn(0,"symbols");
   if(item<0)
      return(true);
   while(item>=0)
     {
      if(BwJsonText(g_bwHeard.json,item)==symbol)
         return(true);
      item=BwNextItem(0,"symbols",item);
     }
   return(false);
  }

void BwPutHours(BwBytes &b,const string symbol)
  {
   BwOpen(b,'{');
   BwKeyText(b,"symbol",symbol);
   BwKeyBool(b,"open",BwIsOpen(symbol));
   BwPutSessions(b,"windows",symbol);
   BwClose(b,'}');
  }

void BwQuerySymbols(BwQuery &q,const bool hours)
  {
   for(int i=0; i<g_bwSymbols.count; i++)
     {
      const string symbol=g_bwSymbols.names[i];
      if(!BwIsNamed(symbol) || !BwTextBegin(q.texts))
         continue;
      if(hours)
         BwPutHours(q.texts.text,symbol);
      else
         BwPutSymbol(q.texts.text,symbol);
      BwTextEnd(q.texts);
     }
  }

// The journal's own answer. While the attempt may be under way, absence proves nothing; afterwards
// it does: what the server never got from an earlier run of this EA will never come.
void BwQueryAttempt(BwQuery &q)
  {
   BwAttemptFind(q.intent,q.attempt,q.result);
   const bool open=(q.result.state==BW_ATTEMPT_SENT && BwOtherUnderWay(q.intent));
   if(open || q.result.state==BW_ATTEMPT_UNREADABLE)
      q.complete=false;
  }

void BwQueryCollect(BwQuery &q)
  {
   BwWanted wanted;
   const bool attempt=(q.what=="attempt");
   wanted.all=!attempt;
   wanted.magic=q.magic;
   const bool byMagic=(attempt && q.byMagic);
   const bool history=(q.what=="orders" || q.what=="deals" || byMagic);
   if(history)
      q.complete=BwHistoryProven() && BwSelectHistory(q.fromMs-86400000);
   BwTextsClear(q.texts);
   q.start[BW_QUERY_POSITIONS]=0;
   if(q.what=="positions" || byMagic)
      BwListPositions(q.texts,wanted);
   q.start[BW_QUERY_ORDERS]=q.texts.count;
   if(q.what=="orders" || byMagic)
     {
      BwListOrders(q.texts,wanted);
      BwListPastOrders(q.texts,q.fromMs,wanted);
     }
   q.start[BW_QUERY_DEALS]=q.texts.count;
   if(q.what=="deals" || byMagic)
      BwListDeals(q.texts,q.fromMs,wanted);
   q.start[BW_QUERY_SYMBOLS]=q.texts.count;
   if(q.what=="symbols")
      BwQuerySymbols(q,false);
   q.start[BW_QUERY_SESSIONS]=q.texts.count;
   if(q.what=="sessions")
      BwQuerySymbols(q,true);
   q.start[BW_QUERIES]=q.texts.count;
   if(q.texts.text.overflow)
      q.complete=false;
   if(attempt)
      BwQueryAttempt(q);
   q.found=(q.texts.count>0 || q.what=="account" || q.result.state==BW_ATTEMPT_DONE);
  }

void BwSayQuery(const BwQuery &q,const int chunk,const int first,const int last)
  {
   BwSay("query.reply");
   BwKeyInt(g_bwMessage,"chunk",chunk);
   BwKeyBool(g_bwMessage,"last",last>=q.texts.count);
   BwKeyBool(g_bwMessage,"found",q.found);
   BwKeyBool(g_bwMessage,"complete",q.complete);
   BwKey(g_bwMessage,"account");
   if(chunk==0 && q.what=="account")
      BwPutAccount(g_bwMessage);
   else
      BwPutUtf8(g_bwMessage,"null");
   for(int list=0; list<BW_QUERIES; list++)
     {
      int from=q.start[list];
      int to=q.start[list+1];
      if(from<first)
         from=first;
      if(to>last)
         to=last;
      BwPutArrayOf(g_bwMessage,BwQueryList(list),q.texts,from,to);
     }
   BwKey(g_bwMessage,"result");
   if(chunk==0 && q.result.state==BW_ATTEMPT_DONE)
      BwPutResult(g_bwMessage,q.result);
   else
      BwPutUtf8(g_bwMessage,"null");
   BwSaid();
  }

void BwOnQuery()
  {
   g_bwQuery.what=BwOneOfIn(0,"what","attempt|account|positions|orders|deals|symbols|sessions");
   g_bwQuery.intent=BwTextOrNullIn(0,"intent");
   g_bwQuery.attempt=BwIsNull(0,"attempt") ? 0 : BwCountIn(0,"attempt");
   g_bwQuery.byMagic=!BwIsNull(0,"magic");
   g_bwQuery.magic=BwTicketOrNullIn(0,"magic");
   g_bwQuery.fromMs=BwIntIn(0,"fromMs");
   BwItemsIn(0,"symbols");
   if(g_bwHeard.bad!="")
      return;
   g_bwQuery.complete=true;
   BwAttemptClear(g_bwQuery.result);
   BwQueryCollect(g_bwQuery);
   int chunk=0;
   int first=0;
   do
     {
      const int last=BwChunkEnd(g_bwQuery.texts,first);
      BwSayQuery(g_bwQuery,chunk,first,last);
      first=last;
      chunk++;
     }
   while(first<g_bwQuery.texts.count);
   BwFree(g_bwQuery.texts.text);
  }

#endif
