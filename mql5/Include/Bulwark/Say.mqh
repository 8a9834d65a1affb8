// Messages of BWP/1 on their way out: the envelope, the sequence number, the send buffer.
// BwSay("kind"), then fields into g_bwMessage, then BwSaid().
#ifndef BULWARK_SAY_MQH
#define BULWARK_SAY_MQH

#include "State.mqh"
#include "JsonWrite.mqh"
#include "Link.mqh"

BwBytes g_bwMessage;

void BwSayClaim(BwBytes &b)
  {
   if(g_bwRegister.holder=="")
     {
      BwKeyNull(b,"claim");
      return;
     }
   BwOpenKey(b,"claim",'{');
   BwKeyInt(b,"epoch",g_bwRegister.epoch);
   BwKeyText(b,"instance",g_bwRegister.holder);
   BwClose(b,'}');
  }

void BwSayTimes(BwBytes &b)
  {
   BwOpenKey(b,"ts",'{');
   BwKeyInt(b,"msc",BwMarketMs());
   BwKeyInt(b,"server",BwServerMs());
   BwKeyInt(b,"gmt",BwPcUtcMs());
   BwKeyInt(b,"mono",(long)BwMono());
   BwClose(b,'}');
  }

void BwKeyTextOrNull(BwBytes &b,const string name,const string value)
  {
   if(value=="")
      BwKeyNull(b,name);
   else
      BwKeyText(b,name,value);
  }

// Begins a message; the sequence number is taken.
void BwSay(const string kind)
  {
   BwClear(g_bwMessage);
   g_bwSession.sentSeq++;
   g_bwSession.nextId++;
   BwOpen(g_bwMessage,'{');
   BwKeyInt(g_bwMessage,"v",BW_PROTOCOL);
   BwKeyText(g_bwMessage,"kind",kind);
   BwKeyText(g_bwMessage,"id",g_bwSession.startId+"."+IntegerToString(g_bwSession.nextId));
   BwKeyTextOrNull(g_bwMessage,"re",g_bwReply.re);
   BwKeyText(g_bwMessage,"session",g_bwSession.id);
   BwSayClaim(g_bwMessage);
   BwKeyInt(g_bwMessage,"seq",g_bwSession.sentSeq);
   BwSayTimes(g_bwMessage);
   BwKeyTextOrNull(g_bwMessage,"trace",g_bwReply.trace);
  }

// Hands the message over. One that does not fit leaves a hole in the sequence, by which the runtime
// learns that something is missing and asks for a snapshot.
bool BwSaidWith(const BwBytes &attachment,const bool attached)
  {
   BwClose(g_bwMessage,'}');
   if(!BwLinkUp(g_bwLink))
      return(false);
   const bool fits=!g_bwMessage.overflow && g_bwMessage.size<=BW_MESSAGE_BYTES &&
                   (!attached || (!attachment.overflow && attachment.size<=BW_MESSAGE_BYTES));
   if(!fits)
     {
      BwLog(BW_LOG_ERROR,"a message is too large and was not sent");
      return(false);
     }
   BwPeerSend(g_bwLink.peer,g_bwMessage,attachment,attached);
   return(true);
  }

bool BwSaid()
  {
   BwBytes nothing;
   BwClear(nothing);
   return(BwSaidWith(nothing,false));
  }

void BwSayError(const string code,const string detail)
  {
   BwSay("error");
   BwKeyText(g_bwMessage,"code",code);
   BwKeyText(g_bwMessage,"detail",StringSubstr(detail,0,100));
   BwSaid();
  }

// The runtime must not mistake a call that blocks for a dead terminal: it is told before.
void BwBusy(const string op)
  {
   if(!BwWelcomed())
      return;
   BwSay("busy");
   BwKeyText(g_bwMessage,"op",op);
   BwKeyInt(g_bwMessage,"maxMs",BW_BLOCKING_CALL_MS);
   BwSaid();
   BwLinkFlush(g_bwLink,BwRunMs());
  }

void BwReady()
  {
   if(!BwWelcomed())
      return;
   BwSay("ready");
   BwSaid();
  }

#endif
