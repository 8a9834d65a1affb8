// What the running EA holds in memory. OnInit resets all of it: globals survive a change of the
// chart's symbol or period.
#ifndef BULWARK_STATE_MQH
#define BULWARK_STATE_MQH

#include "Limits.mqh"
#include "Bytes.mqh"
#include "Attempts.mqh"
#include "Clock.mqh"

// What the operator set, checked and completed.
struct BwConfig
  {
   string            login;
   string            server;
   string            instance;
   string            token;
   string            takeoverToken;
   int               moneyDigits;
   int               parkMs;
   // Until the runtime sends its own policy.
   string            deadMan;
   long              deadManAfterMs;
  };

struct BwSession
  {
   string            startId;
   // Empty: nobody has welcomed us on this connection.
   string            id;
   string            runtime;
   bool              active;
   long              sentSeq;
   long              heardSeq;
   long              nextId;
   // Messages since the last good one that could not be read: they had numbers, too.
   long              unread;
   ulong             helloMs;
   // Last heartbeat, by both clocks.
   ulong             beatMs;
   ulong             beatMonoMs;
   bool              greeted;
   string            known[BW_SESSIONS_REMEMBERED];
   int               knownAt;
  };

// Who may command this account. On the disk before it is granted.
struct BwRegister
  {
   long              epoch;
   string            holder;
   long              leaseMs;
   bool              lapsed;
   // How long the holder has been silent. Not judged in the event after a pause (BW_PAUSE_MS).
   long              silentMs;
   bool              paused;
   ulong             countedMs;
  };

// The message that an answer names, and its trace.
struct BwReply
  {
   string            re;
   string            trace;
  };

BwConfig g_bwConfig;
BwSession g_bwSession;
BwRegister g_bwRegister;
BwReply g_bwReply;

// Counters for the status line.
struct BwCounters
  {
   long              malformed;
   ulong             malformedLogMs;
   long              unreportedMalformed;
   // What the runtime is not told yet.
   long              lost;
   long              repeated;
   long              rubbish;
   long              ticks;
   long              orders;
   long              lostEvents;
  };

BwCounters g_bwCounters;

void BwReplyClear()
  {
   g_bwReply.re="";
   g_bwReply.trace="";
  }

// A new connection, or none: what belonged to the old session is gone.
void BwSessionForget()
  {
   g_bwSession.id="";
   g_bwSession.runtime="";
   g_bwSession.active=false;
   g_bwSession.sentSeq=0;
   g_bwSession.heardSeq=0;
   g_bwSession.unread=0;
   g_bwSession.greeted=false;
   g_bwSession.helloMs=0;
   g_bwSession.beatMs=0;
   g_bwSession.beatMonoMs=0;
   BwReplyClear();
  }

bool BwWelcomed()
  {
   return(g_bwSession.id!="");
  }

void BwStateReset()
  {
   BwSessionForget();
   g_bwSession.startId="";
   g_bwSession.nextId=0;
   g_bwSession.knownAt=0;
   for(int i=0; i<BW_SESSIONS_REMEMBERED; i++)
      g_bwSession.known[i]="";
   g_bwCounters.malformed=0;
   g_bwCounters.malformedLogMs=0;
   g_bwCounters.unreportedMalformed=0;
   g_bwCounters.lost=0;
   g_bwCounters.repeated=0;
   g_bwCounters.rubbish=0;
   g_bwCounters.ticks=0;
   g_bwCounters.orders=0;
   g_bwCounters.lostEvents=0;
   g_bwRegister.epoch=0;
   g_bwRegister.holder="";
   g_bwRegister.leaseMs=0;
   g_bwRegister.lapsed=false;
   g_bwRegister.silentMs=0;
   g_bwRegister.paused=false;
   g_bwRegister.countedMs=BwMono();
  }

// A welcome that was seen before is a replay, not a session.
bool BwSessionIsKnown(const string id)
  {
   for(int i=0; i<BW_SESSIONS_REMEMBERED; i++)
      if(g_bwSession.known[i]==id)
         return(true);
   return(false);
  }

void BwSessionRemember(const string id)
  {
   g_bwSession.known[g_bwSession.knownAt]=id;
   g_bwSession.knownAt=(g_bwSession.knownAt+1)%BW_SESSIONS_REMEMBERED;
  }

#endif
