// What the EA must remember over its own death: a small SQLite file in the terminal's MQL5/Files.
// Every write is on the disk before the function returns (synchronous=FULL).
#ifndef BULWARK_STORE_MQH
#define BULWARK_STORE_MQH

#include "Limits.mqh"
#include "Bytes.mqh"
#include "Numbers.mqh"
#include "Log.mqh"

int g_bwDb=INVALID_HANDLE;

bool BwStoreRun(const string sql)
  {
   if(DatabaseExecute(g_bwDb,sql))
      return(true);
   BwLog(BW_LOG_ERROR,"the journal refuses a statement: error "+IntegerToString(GetLastError()));
   return(false);
  }

string BwStoreFile(const string login,const string server)
  {
   BwBytes name;
   BwClear(name);
   BwPutUtf8(name,server);
   return("Bulwark_"+login+"_"+StringSubstr(BwHashOf(name),0,8)+".sqlite");
  }

void BwStoreClose()
  {
   if(g_bwDb!=INVALID_HANDLE)
      DatabaseClose(g_bwDb);
   g_bwDb=INVALID_HANDLE;
  }

bool BwStoreOpen(const string login,const string server)
  {
   BwStoreClose();
   g_bwDb=DatabaseOpen(BwStoreFile(login,server),DATABASE_OPEN_READWRITE | DATABASE_OPEN_CREATE);
   if(g_bwDb==INVALID_HANDLE)
     {
      BwLog(BW_LOG_ERROR,"the journal does not open: error "+IntegerToString(GetLastError()));
      return(false);
     }
   string attempts="CREATE TABLE IF NOT EXISTS attempts(intent TEXT NOT NULL,attempt INTEGER NOT NULL,";
   attempts+="kind TEXT NOT NULL,magic TEXT NOT NULL,at INTEGER NOT NULL,state INTEGER NOT NULL,";
   attempts+="retcode INTEGER NOT NULL,ord TEXT NOT NULL,deal TEXT NOT NULL,price TEXT NOT NULL,";
   attempts+="volume TEXT NOT NULL,comment TEXT NOT NULL,PRIMARY KEY(intent,attempt))";
   return(BwStoreRun("PRAGMA synchronous=FULL") &&
          BwStoreRun("CREATE TABLE IF NOT EXISTS meta(key TEXT PRIMARY KEY,value TEXT NOT NULL)") &&
          BwStoreRun(attempts) &&
          BwStoreRun("CREATE INDEX IF NOT EXISTS attempts_at ON attempts(state,at)"));
  }

bool BwStoreBegin()
  {
   return(g_bwDb!=INVALID_HANDLE && DatabaseTransactionBegin(g_bwDb));
  }

// Ends a transaction: all of it, or nothing.
bool BwStoreEnd(const bool good)
  {
   if(good && DatabaseTransactionCommit(g_bwDb))
      return(true);
   DatabaseTransactionRollback(g_bwDb);
   BwLog(BW_LOG_ERROR,"the journal could not be written");
   return(false);
  }

// Runs a prepared statement that returns no rows, and lets it go.
bool BwStoreStep(const int request)
  {
   ResetLastError();
   const bool row=DatabaseRead(request);
   const int error=GetLastError();
   DatabaseFinalize(request);
   // 5126 (no more data) is how a statement without rows ends well.
   return(row || error==5126);
  }

string BwStoreGet(const string key,const string fallback)
  {
   const int request=DatabasePrepare(g_bwDb,"SELECT value FROM meta WHERE key=?1");
   if(request==INVALID_HANDLE)
      return(fallback);
   string value=fallback;
   if(DatabaseBind(request,0,key) && DatabaseRead(request))
      DatabaseColumnText(request,0,value);
   DatabaseFinalize(request);
   return(value);
  }

bool BwStoreSet(const string key,const string value)
  {
   const int request=DatabasePrepare(g_bwDb,"INSERT OR REPLACE INTO meta(key,value) VALUES(?1,?2)");
   if(request==INVALID_HANDLE)
      return(false);
   if(!DatabaseBind(request,0,key) || !DatabaseBind(request,1,value))
     {
      DatabaseFinalize(request);
      return(false);
     }
   return(BwStoreStep(request));
  }

long BwStoreGetLong(const string key,const long fallback)
  {
   const string text=BwStoreGet(key,"");
   long value=0;
   return(BwParseScaled(text,0,value) ? value : fallback);
  }

bool BwStoreSetLong(const string key,const long value)
  {
   return(BwStoreSet(key,IntegerToString(value)));
  }

#endif
