// What the EA tells for the audit by itself: a journal that is new, a second chart that was refused,
// a symbol whose specification changed, messages that were lost, repeated or none.
#ifndef BULWARK_NOTICES_MQH
#define BULWARK_NOTICES_MQH

#include "DeadMan.mqh"
#include "Mutex.mqh"

// Specifications change in the middle of a symbol's life; brokers do it at the day's end.
#define BW_SPECIFICATIONS_EVERY_MS 60000
#define BW_RUBBISH_EVERY_MS 60000

struct BwNotices
  {
   // The journal was made at this start; said once, when somebody listens.
   bool              journalIsNew;
   string            specifications[BW_SYMBOLS];
   ulong             specifiedMs;
   ulong             knockedMs;
   ulong             rubbishMs;
  };

BwNotices g_bwNotices;

void BwNoticesReset(const bool journalIsNew)
  {
   g_bwNotices.journalIsNew=journalIsNew;
   g_bwNotices.specifiedMs=0;
   g_bwNotices.knockedMs=BwRunMs();
   g_bwNotices.rubbishMs=0;
   for(int i=0; i<BW_SYMBOLS; i++)
      g_bwNotices.specifications[i]="";
  }

string BwSpecificationHash(const string symbol)
  {
   BwBytes text;
   BwClear(text);
   BwOpen(text,'{');
   BwPutSpecification(text,symbol);
   BwClose(text,'}');
   return(BwHashOf(text));
  }

void BwNoticeSpecifications()
  {
   for(int i=0; i<g_bwSymbols.count; i++)
     {
      const string hash=BwSpecificationHash(g_bwSymbols.names[i]);
      if(g_bwNotices.specifications[i]!="" && g_bwNotices.specifications[i]!=hash)
         BwSayNotice("symbol.changed","warning",g_bwSymbols.names[i]);
      g_bwNotices.specifications[i]=hash;
     }
  }

// A journal that is new while something is open: what was sent before is known by magic only.
void BwNoticeJournal()
  {
   if(!g_bwNotices.journalIsNew)
      return;
   g_bwNotices.journalIsNew=false;
   if(PositionsTotal()+OrdersTotal()>0)
      BwSayNotice("journal.lost","warning","the journal is new, and something is open");
  }

// The first at once, then once a minute: whoever sends rubbish must not fill the audit either.
void BwNoticeRubbish(const ulong now)
  {
   if(g_bwCounters.lost>0)
     {
      BwSayNotice("messages.lost","warning",IntegerToString(g_bwCounters.lost)+" message(s) never came");
      g_bwCounters.lost=0;
     }
   if(g_bwCounters.rubbish+g_bwCounters.repeated==0 ||
      (g_bwNotices.rubbishMs!=0 && now-g_bwNotices.rubbishMs<BW_RUBBISH_EVERY_MS))
      return;
   g_bwNotices.rubbishMs=now;
   BwSayNotice("messages.refused","warning",IntegerToString(g_bwCounters.rubbish)+" unreadable, "+
               IntegerToString(g_bwCounters.repeated)+" repeated");
   g_bwCounters.rubbish=0;
   g_bwCounters.repeated=0;
  }

// Once per event, while a runtime listens.
void BwNoticesPump()
  {
   if(!BwWelcomed() || !g_bwSession.active)
      return;
   const ulong now=BwRunMs();
   BwNoticeJournal();
   BwNoticeRubbish(now);
   if(now-g_bwNotices.knockedMs>=BW_MUTEX_EVERY_MS)
     {
      g_bwNotices.knockedMs=now;
      if(BwMutexWasKnocked())
         BwSayNotice("instance.refused","warning","a second chart runs Bulwark on this account");
     }
   if(g_bwNotices.specifiedMs!=0 && now-g_bwNotices.specifiedMs<BW_SPECIFICATIONS_EVERY_MS)
      return;
   g_bwNotices.specifiedMs=now;
   BwNoticeSpecifications();
  }

#endif
