// A session with the runtime: hello, welcome, heartbeats, and the way of each message to its handler.
#ifndef BULWARK_SESSION_MQH
#define BULWARK_SESSION_MQH

#include "Query.mqh"
#include "Commands.mqh"
#include "Ticks.mqh"
#include "History.mqh"
#include "Calendar.mqh"
#include "Trades.mqh"

long g_bwBeatMs=BW_HEARTBEAT_MS;

void BwPutSwitches(BwBytes &b)
  {
   BwSwitches s;
   BwReadSwitches(s);
   BwOpenKey(b,"switches",'{');
   BwKeyBool(b,"terminal",s.terminal);
   BwKeyBool(b,"mql",s.mql);
   BwKeyBool(b,"account",s.account);
   BwKeyBool(b,"expert",s.expert);
   BwClose(b,'}');
  }

string BwAccountKind()
  {
   const long mode=AccountInfoInteger(ACCOUNT_TRADE_MODE);
   if(mode==ACCOUNT_TRADE_MODE_REAL)
      return("real");
   return(mode==ACCOUNT_TRADE_MODE_CONTEST ? "contest" : "demo");
  }

bool BwIsConnected()
  {
   return(TerminalInfoInteger(TERMINAL_CONNECTED)!=0);
  }

// Introduces this terminal; whatever was said on the connection before is forgotten.
void BwSayHello()
  {
   BwSessionForget();
   BwTradesReset();
   BwJobsReset();
   g_bwSession.greeted=true;
   g_bwSession.helloMs=BwRunMs();
   BwSay("hello");
   BwKey(g_bwMessage,"account");
   BwPutAccount(g_bwMessage);
   BwKeyText(g_bwMessage,"accountKind",BwAccountKind());
   BwKeyInt(g_bwMessage,"terminalBuild",TerminalInfoInteger(TERMINAL_BUILD));
   BwKeyText(g_bwMessage,"eaVersion",BW_VERSION);
   BwOpenKey(g_bwMessage,"protocolVersions",'[');
   BwPutUtf8(g_bwMessage,IntegerToString(BW_PROTOCOL));
   BwClose(g_bwMessage,']');
   BwKeyInt(g_bwMessage,"tickLayout",BW_TICK_LAYOUT);
   BwKeyText(g_bwMessage,"timeBase","server");
   BwPutSwitches(g_bwMessage);
   BwKeyBool(g_bwMessage,"connected",BwIsConnected());
   BwKeyText(g_bwMessage,"instanceId",g_bwConfig.instance);
   BwKeyText(g_bwMessage,"startId",g_bwSession.startId);
   BwKeyBool(g_bwMessage,"simulated",false);
   BwKeyText(g_bwMessage,"journalWatermark",BwStoreGet("executed","0"));
   BwKeyInt(g_bwMessage,"highestEpoch",g_bwRegister.epoch);
   BwKeyTextOrNull(g_bwMessage,"leaseHolder",g_bwRegister.lapsed ? "" : g_bwRegister.holder);
   BwKeyTextOrNull(g_bwMessage,"token",g_bwConfig.token);
   BwKeyNull(g_bwMessage,"clock");
   BwSaid();
  }

void BwOnWelcome()
  {
   const bool active=(BwOneOfIn(0,"role","active|standby")=="active");
   const long version=BwCountIn(0,"protocolVersion");
   const long beatMs=BwIntIn(0,"heartbeatMs");
   const string runtime=BwTextIn(0,"runtimeInstance");
   if(g_bwHeard.bad!="" || g_bwHeard.session=="")
      return;
   if(BwSessionIsKnown(g_bwHeard.session))
     {
      g_bwCounters.repeated++;
      return;
     }
   if(version!=BW_PROTOCOL)
     {
      BwSayError("version","this EA speaks BWP/1");
      return;
     }
   BwSessionForget();
   BwFeedReset();
   BwTradesReset();
   BwJobsReset();
   BwSessionRemember(g_bwHeard.session);
   g_bwSession.greeted=true;
   g_bwSession.id=g_bwHeard.session;
   g_bwSession.runtime=runtime;
   g_bwSession.active=active;
   g_bwSession.heardSeq=g_bwHeard.seq;
   g_bwSession.helloMs=BwRunMs();
   g_bwBeatMs=(beatMs<100) ? 100 : beatMs;
   BwLog(BW_LOG_INFO,"welcomed by "+runtime+(active ? "" : " as a standby"));
  }

void BwPutTickAges(BwBytes &b)
  {
   const ulong now=BwMono();
   BwOpenKey(b,"lastTickAgeMs",'{');
   for(int i=0; i<g_bwFeed.count; i++)
      BwKeyInt(b,g_bwFeed.names[i],(long)(now-g_bwFeed.arrivedMs[i]));
   BwClose(b,'}');
  }

bool BwFeedSynchronised()
  {
   for(int i=0; i<g_bwFeed.count; i++)
      if(!SymbolIsSynchronized(g_bwFeed.names[i]))
         return(false);
   return(true);
  }

void BwSayHeartbeat()
  {
   BwSay("ea.heartbeat");
   BwPutSwitches(g_bwMessage);
   BwKeyBool(g_bwMessage,"connected",BwIsConnected());
   BwKeyBool(g_bwMessage,"synchronised",BwFeedSynchronised());
   // The terminal tells microseconds.
   BwKeyInt(g_bwMessage,"pingMs",TerminalInfoInteger(TERMINAL_PING_LAST)/1000);
   BwKeyInt(g_bwMessage,"build",TerminalInfoInteger(TERMINAL_BUILD));
   BwKeyMoney(g_bwMessage,"balance",AccountInfoDouble(ACCOUNT_BALANCE));
   BwKeyMoney(g_bwMessage,"equity",AccountInfoDouble(ACCOUNT_EQUITY));
   BwKeyMoney(g_bwMessage,"margin",AccountInfoDouble(ACCOUNT_MARGIN));
   BwKeyText(g_bwMessage,"positionsHash",BwPositionsHash());
   BwKeyInt(g_bwMessage,"queueDepth",g_bwSweep.who==BW_SWEEP_NONE ? 0 : g_bwSweep.count-g_bwSweep.at);
   BwPutTickAges(g_bwMessage);
   BwSaid();
  }

// Hello after every connection, and again while nobody answers; then a heartbeat on its beat.
void BwSessionPump()
  {
   if(!BwLinkUp(g_bwLink))
     {
      if(g_bwSession.greeted || BwWelcomed())
         BwSessionForget();
      return;
     }
   const ulong now=BwRunMs();
   if(!BwWelcomed())
     {
      if(!g_bwSession.greeted || now-g_bwSession.helloMs>=BW_HELLO_EVERY_MS)
         BwSayHello();
      return;
     }
   // By either clock: the lease is measured with the one, the liveness of this process with the other.
   if(now-g_bwSession.beatMs<(ulong)g_bwBeatMs && BwMono()-g_bwSession.beatMonoMs<(ulong)g_bwBeatMs)
      return;
   g_bwSession.beatMs=now;
   g_bwSession.beatMonoMs=BwMono();
   BwSayHeartbeat();
  }

// Counted, and logged once a minute: a peer that sends rubbish must not fill the log.
void BwMalformed(const string what)
  {
   const ulong now=BwRunMs();
   g_bwCounters.malformed++;
   g_bwCounters.rubbish++;
   g_bwCounters.unreportedMalformed++;
   if(g_bwCounters.malformedLogMs!=0 && now-g_bwCounters.malformedLogMs<60000)
      return;
   g_bwCounters.malformedLogMs=now;
   BwLog(BW_LOG_WARNING,IntegerToString(g_bwCounters.unreportedMalformed)+" malformed message(s), the last: "+what);
   g_bwCounters.unreportedMalformed=0;
  }

// Whatever the holder says proves that it lives.
void BwNoteContact()
  {
   const string speaker=g_bwHeard.claimed ? g_bwHeard.instance : g_bwSession.runtime;
   if(g_bwRegister.holder=="" || speaker!=g_bwRegister.holder)
      return;
   const bool beat=(g_bwHeard.kind=="runtime.heartbeat");
   const long leaseMs=beat ? BwIntIn(0,"leaseMs") : g_bwRegister.leaseMs;
   if(g_bwHeard.bad!="" || leaseMs<=0)
      return;
   BwContact(leaseMs);
   BwDeadManForgive();
  }

// False: said before (a replay), or after a loss; it changes nothing. What was lost may have been a
// command, a subscription or a floor: a new session tells it all again.
bool BwInSequence()
  {
   const long lost=g_bwHeard.seq-g_bwSession.heardSeq-1-g_bwSession.unread;
   if(g_bwHeard.seq<=g_bwSession.heardSeq)
     {
      g_bwCounters.repeated++;
      return(false);
     }
   g_bwSession.heardSeq=g_bwHeard.seq;
   g_bwSession.unread=0;
   if(lost<=0)
      return(true);
   g_bwCounters.lost+=lost;
   BwLog(BW_LOG_WARNING,IntegerToString(lost)+" message(s) of the runtime were lost: a new session");
   BwReplyClear();
   BwSayHello();
   return(false);
  }

void BwOnRuntimeHeartbeat()
  {
   BwIntIn(0,"leaseMs");
   // The claim of a controller that was overtaken: it learns of the newer one here.
   if(g_bwHeard.bad=="" && g_bwHeard.claimed && !BwFromHolder())
      BwSayError("stale_epoch","runtime.heartbeat");
  }

void BwOnFencedGuard()
  {
   if(BwFence()!="")
      BwSayError("stale_epoch","guard");
   else
      BwOnGuard();
  }

// The runtime leaves: the connection stays, and a hello is said again after a pause.
void BwOnGoodbye()
  {
   BwSessionForget();
   g_bwSession.greeted=true;
   g_bwSession.helloMs=BwRunMs();
  }

// The runtime does not know this session (any more): it is begun again.
void BwOnError()
  {
   const string code=BwTextIn(0,"code");
   if(code=="unknown_session" && BwWelcomed())
      BwSayHello();
   else
      BwLog(BW_LOG_WARNING,"the runtime says "+code+": "+BwTextIn(0,"detail"));
  }

void BwOnGrantedClaim()
  {
   const long before=g_bwRegister.epoch;
   BwOnClaim();
   // A new controller has to know that this account was flattened.
   if(g_bwRegister.epoch!=before && g_bwGuard.tripped)
      BwSayTripped();
  }

void BwOnTold(const string kind)
  {
   if(kind=="claim")
      BwOnGrantedClaim();
   else
      if(kind=="snapshot.request")
         BwOnSnapshotRequest();
      else
         if(kind=="subscribe")
            BwOnSubscribe();
         else
            if(kind=="runtime.heartbeat")
               BwOnRuntimeHeartbeat();
            else
               if(kind=="guard")
                  BwOnFencedGuard();
               else
                  if(kind=="goodbye")
                     BwOnGoodbye();
  }

// Reading, for anybody who is welcome. False: not of this group.
bool BwOnAsked(const string kind)
  {
   if(kind=="query")
      BwOnQuery();
   else
      if(kind=="order.check")
         BwOnOrderCheck();
      else
         if(kind=="history.request")
            BwOnHistoryRequest(false);
         else
            if(kind=="ticks.request")
               BwOnHistoryRequest(true);
            else
               if(kind=="calendar.request")
                  BwOnCalendarRequest();
               else
                  return(false);
   return(true);
  }

bool BwIsTold(const string kind)
  {
   return(kind=="claim" || kind=="snapshot.request" || kind=="subscribe" ||
          kind=="runtime.heartbeat" || kind=="guard" || kind=="goodbye" || kind=="clock.done");
  }

// A message of the running session. True when it may have blocked this event.
bool BwDispatch()
  {
   const string kind=g_bwHeard.kind;
   bool blocked=false;
   BwNoteContact();
   if(BwIsCommand(kind))
      blocked=BwOnCommand();
   else
      if(BwIsTold(kind))
         BwOnTold(kind);
      else
         BwOnAsked(kind);
   if(g_bwHeard.bad!="")
      BwMalformed(kind+": "+g_bwHeard.bad);
   return(blocked);
  }

bool BwIsKnownKind(const string kind)
  {
   return(BwIsCommand(kind) || BwIsTold(kind) || kind=="query" || kind=="order.check" ||
          kind=="history.request" || kind=="ticks.request" || kind=="calendar.request" ||
          kind=="welcome" || kind=="error");
  }

// One message, from the first byte to the answer. True when it may have blocked this event.
bool BwReceive()
  {
   const int verdict=BwHear(g_bwLink.peer.first,g_bwLink.peer.parts);
   if(verdict!=BW_HEARD_GOOD)
     {
      g_bwSession.unread++;
      BwMalformed(verdict==BW_HEARD_TOO_LARGE ? "too large" : "not BWP/1 "+g_bwHeard.bad);
      return(false);
     }
   g_bwReply.re=g_bwHeard.id;
   g_bwReply.trace=g_bwHeard.trace;
   const string kind=g_bwHeard.kind;
   bool blocked=false;
   if(!BwIsKnownKind(kind))
     {
      g_bwSession.unread++;
      BwSayError("unknown_kind",kind);
     }
   else
      if(kind=="welcome")
         BwOnWelcome();
      else
         if(kind=="error")
            BwOnError();
         else
            if(!BwWelcomed() || g_bwHeard.session!=g_bwSession.id)
              {
               if(kind!="goodbye")
                  BwSayError("unknown_session","session "+g_bwHeard.session+" is not open here");
              }
            else
               if(BwInSequence())
                  blocked=BwDispatch();
   BwReplyClear();
   return(blocked);
  }

#endif
