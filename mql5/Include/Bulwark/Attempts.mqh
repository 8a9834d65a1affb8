// The journal of attempts: (intent, attempt) -> sent -> result. The row is on the disk before
// OrderSend; a row that is still "sent" after a restart has an unknown outcome and is never resent.
#ifndef BULWARK_ATTEMPTS_MQH
#define BULWARK_ATTEMPTS_MQH

#include "Store.mqh"
#include "Clock.mqh"

#define BW_ATTEMPT_NONE 0
#define BW_ATTEMPT_SENT 1
#define BW_ATTEMPT_DONE 2
// The journal could not be read: nothing may be concluded.
#define BW_ATTEMPT_UNREADABLE 3

struct BwAttempt
  {
   string            intent;
   long              attempt;
   string            kind;
   ulong             magic;
   long              atMs;
   int               state;
   long              retcode;
   ulong             order;
   ulong             deal;
   // Decimal text, empty for none.
   string            price;
   string            volume;
   string            comment;
  };

void BwAttemptClear(BwAttempt &a)
  {
   a.intent="";
   a.attempt=0;
   a.kind="";
   a.magic=0;
   a.atMs=0;
   a.state=BW_ATTEMPT_NONE;
   a.retcode=0;
   a.order=0;
   a.deal=0;
   a.price="";
   a.volume="";
   a.comment="";
  }

#define BW_ATTEMPT_COLUMNS "intent,attempt,kind,magic,at,state,retcode,ord,deal,price,volume,comment"

// The columns of BW_ATTEMPT_COLUMNS, in that order.
bool BwAttemptColumns(const int request,BwAttempt &a)
  {
   string magic="";
   string order="";
   string deal="";
   int state=0;
   const bool read=DatabaseColumnText(request,0,a.intent) && DatabaseColumnLong(request,1,a.attempt) &&
                   DatabaseColumnText(request,2,a.kind) && DatabaseColumnText(request,3,magic) &&
                   DatabaseColumnLong(request,4,a.atMs) && DatabaseColumnInteger(request,5,state) &&
                   DatabaseColumnLong(request,6,a.retcode) && DatabaseColumnText(request,7,order) &&
                   DatabaseColumnText(request,8,deal) && DatabaseColumnText(request,9,a.price) &&
                   DatabaseColumnText(request,10,a.volume) && DatabaseColumnText(request,11,a.comment);
   a.state=state;
   return(read && BwParseUlong(magic,a.magic) && BwParseUlong(order,a.order) &&
          BwParseUlong(deal,a.deal));
  }

// What is known of an attempt; state says whether anything is.
void BwAttemptFind(const string intent,const long attempt,BwAttempt &found)
  {
   BwAttemptClear(found);
   string sql="SELECT ";
   sql+=BW_ATTEMPT_COLUMNS;
   sql+=" FROM attempts WHERE intent=?1 AND attempt=?2";
   found.state=BW_ATTEMPT_UNREADABLE;
   const int request=DatabasePrepare(g_bwDb,sql);
   if(request==INVALID_HANDLE)
      return;
   if(DatabaseBind(request,0,intent) && DatabaseBind(request,1,attempt))
     {
      ResetLastError();
      if(DatabaseRead(request))
        {
         if(!BwAttemptColumns(request,found))
            found.state=BW_ATTEMPT_UNREADABLE;
        }
      else
         if(GetLastError()==5126)
            found.state=BW_ATTEMPT_NONE;
     }
   DatabaseFinalize(request);
  }

// Server time of the newest attempt of the intent that has no result; -1 for none. A journal that
// cannot say answers with now: as if one had been sent this moment.
long BwIntentSentMs(const string intent)
  {
   const int request=DatabasePrepare(g_bwDb,
                                     "SELECT coalesce(max(at),-1) FROM attempts WHERE intent=?1 AND state=1");
   if(request==INVALID_HANDLE)
      return(BwServerMs());
   long newest=-1;
   if(!DatabaseBind(request,0,intent) || !DatabaseRead(request) ||
      !DatabaseColumnLong(request,0,newest))
      newest=BwServerMs();
   DatabaseFinalize(request);
   return(newest);
  }

// Forgets the oldest finished attempts; one without a result stays until it has one.
void BwAttemptsPrune()
  {
   BwStoreRun("DELETE FROM attempts WHERE state=2 AND rowid NOT IN (SELECT rowid FROM attempts "+
              StringFormat("ORDER BY at DESC LIMIT %d)",BW_ATTEMPTS_KEPT));
  }

bool BwAttemptWrite(const BwAttempt &a)
  {
   string sql="INSERT OR REPLACE INTO attempts(";
   sql+=BW_ATTEMPT_COLUMNS;
   sql+=") VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12)";
   const int request=DatabasePrepare(g_bwDb,sql);
   if(request==INVALID_HANDLE)
      return(false);
   const bool bound=DatabaseBind(request,0,a.intent) && DatabaseBind(request,1,a.attempt) &&
                    DatabaseBind(request,2,a.kind) && DatabaseBind(request,3,BwFormatUlong(a.magic)) &&
                    DatabaseBind(request,4,a.atMs) && DatabaseBind(request,5,a.state) &&
                    DatabaseBind(request,6,a.retcode) && DatabaseBind(request,7,BwFormatUlong(a.order)) &&
                    DatabaseBind(request,8,BwFormatUlong(a.deal)) && DatabaseBind(request,9,a.price) &&
                    DatabaseBind(request,10,a.volume) && DatabaseBind(request,11,a.comment);
   if(!bound)
     {
      DatabaseFinalize(request);
      return(false);
     }
   return(BwStoreStep(request));
  }

// Before OrderSend. False: it is not on the disk, and nothing may be sent.
bool BwAttemptSent(BwAttempt &a)
  {
   a.state=BW_ATTEMPT_SENT;
   return(BwAttemptWrite(a));
  }

// The counter is the watermark that hello carries: attempts with an outcome, ever.
bool BwAttemptDone(BwAttempt &a)
  {
   a.state=BW_ATTEMPT_DONE;
   if(!BwStoreBegin())
      return(false);
   const bool good=BwAttemptWrite(a) && BwStoreSetLong("executed",BwStoreGetLong("executed",0)+1);
   return(BwStoreEnd(good));
  }

#endif
